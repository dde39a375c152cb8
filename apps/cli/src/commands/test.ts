import {
  cellRequest,
  type MatrixOptions,
  recalledRun,
  submissionAsScript,
  testRequest,
  testScript,
} from "@vm/command-requests";
import { withRunDefaults } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { carryOutCells } from "../matrix/cell-run.js";
import { testKernels } from "../matrix/test-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { collect } from "../repeatable-option.js";
import { environmentOption } from "../run/boot-options.js";
import { withCommandExit } from "../run/command-exit.js";

const examples = `
Every kernel runs every command in an embedded guest of its own, as many in parallel as the machine can handle. A FILE holds commands
for the guest's sh; a #! line that names another interpreter is honoured. With no command at all, the test is that it boots.

Examples:
  vm test -k ~/linux-6.1 -k ~/linux-next --exec 'uname -r' --exec 'make -C tools/testing/selftests/size run_tests'
  vm test -k ~/a -k ~/b tests/*.sh -j 4 --timeout 5m --html report.html --junit report.xml
  vm test -k ~/linux 'kunit:list*'
  vm test -k ~/linux kselftest:timers,size
  vm test -k git:v6.6 -k git:HEAD ./reproduce.sh
  vm test -k . --exec true -n
  vm test -k ~/linux tests/*.sh --plan plan; vm test --run plan --shard 1/2; vm test --run plan --shard 2/2; vm test --collect plan
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument(
      "[files...]",
      "files with commands; kunit[:GLOB], the kernel's own unit tests; kselftest:TARGETS, its selftests",
    )
    .usage("-k <build>... [--exec <command>...] [options] [files...]")
    .option("-k, --kernel <build>", "a kernel: all that vm run -k takes (repeatable)", collect)
    .option("--exec <command>", "a command for the guest's sh (repeatable)", collect)
    .option("-j, --jobs <number>", "guests at once (default: by CPUs and free memory)")
    .option("--fail-fast", "end the run at the first test that does not pass")
    .option(
      "--ktap",
      "a command whose output has no results in KTAP or TAP fails (with some they are always read)",
    )
    .option(
      "--only <pattern>",
      "of the tests those whose name it fits, with * and ?: all of it, or what is behind a : or / (repeatable)",
      collect,
    )
    .option(
      "--rerun-failed <file>",
      "run what did not pass in that JSON report; without -k, as it was run then",
    )
    .option(
      "--selftests <directory>",
      "with kselftest:TARGETS: the kernel source that they are built from (default: that of the kernels)",
    )
    .option("--baseline <file>", "compare with that JSON report: only new failures are failures of the run")
    .option(
      "--expected-failures <file>",
      "known failures, PATTERN # [until RELEASE:] REASON a line: they are no failures of the run",
    )
    .option(
      "--guest <way>",
      "per-test: each test in a guest of its own; per-kernel: all of a kernel's in one boot (default: per-test)",
    )
    .option("--repeat <number>", "run each test that many times")
    .option("--until-fail", "repeat until a test fails: without end, or as often as --repeat says")
    .option(
      "--retry <number>",
      "try a test that does not pass up to that many times again; one that then passes is flaky",
    )
    .option("--flaky <verdict>", "whether a flaky test counts as passed: pass or fail (default: pass)")
    .option(
      "--seed <number>",
      "run the tests in an order that this number chooses; random: any, which is then told",
    )
    .option("--timeout <seconds>", "end a guest after that time")
    .option(
      "--boot-timeout <seconds>",
      "end a guest whose command has not started by then (default: 900; none: no limit)",
    )
    .option("--fail-on <kinds>", "kinds of kernel warnings that count as failures: warn,lockdep,kasan,...")
    .option("-a, --append <parameter>", "add a kernel parameter (repeatable)", collect)
    .option("--accel <name>", "auto, kvm or tcg (default: $VM_ACCEL, else auto)")
    .option("--qemu <binary>", "this QEMU: a program of PATH, or a path (default: qemu-system-ARCH)")
    .option(
      "--share <way>",
      "how files are shared with the guests: 9p, virtiofs or auto (default: auto, by what each kernel has); DIRECTORY:GUESTPATH[:rw]: they see a directory there (repeatable)",
      collect,
    )
    .option(...dryRunOption)
    .optionsGroup("Reports:")
    .option("--report <file>", "write everything as JSON")
    .option("--junit <file>", "write JUnit XML")
    .option("--html <file>", "write a page to look at")
    .option("--json", "print the JSON report instead of the table")
    .option("--full", "show all of what the kernel reported, registers and code bytes too")
    .optionsGroup("In parts, on other machines:")
    .option(
      "--plan <directory>",
      "run nothing: prepare it, and write all that its cells need into a directory",
    )
    .option("--run <directory>", "run cells of a plan; their results go into the directory")
    .option("--cell <number>", "with --run: this cell, from 1 on")
    .option("--shard <part>", "with --run: a part of the cells, such as 3/10")
    .option(
      "--attempt <number>",
      "with --run: the number of this attempt at each cell, for queues that count them (default: the next one)",
    )
    .option("--collect <directory>", "report on all cells of a plan; one without an answer is an error")
    .option(
      "--wait",
      "with --collect: wait until every cell has its answer, or its queue says that none will come",
    )
    .option(
      "--on <place>",
      "run the cells elsewhere, with the reports of a run here: slurm, slurm:PARTITION (-j: guests at once; --plan: keep the plan)",
    )
    .option("--detach", "with --on slurm: print the number of the job, and end")
    .optionsGroup("The guests:")
    .option("--root <directory>", "boot on this root instead of /")
    .option("--rw <directory>", "share a directory read-write (repeatable)", collect)
    .option("--ro <directory>", "share a directory read-only (repeatable)", collect)
    .option("--expose <path>", "do not hide this path of the host, such as ~/.ssh (repeatable)", collect)
    .option(...environmentOption)
    .option("--user", "run as you, not as root")
    .option("-c, --cpus <number>", "number of CPUs of each (default: 1)")
    .option("-m, --memory <size>", "memory of each, as QEMU writes it (default: 1G)")
    .option("--network <kind>", "none, user or isolated (default: network in config.json, else none)")
    .option("--busybox <file>", "a static busybox of the kernels' architecture, for an initramfs")
    .optionsGroup("How git:REVISION is built:")
    .option("--fragments <names>", "configuration fragments, separated by commas (default: qemu,small)")
    .option(
      "--base <config>",
      "the configuration they are merged into: a target of make, or a file (default: defconfig)",
    )
    .option("--arch <arch>", "build it for arm64, riscv64... (default: $ARCH, else the host's)")
    .addHelpText("after", examples)
    .action(async (given: readonly string[], typed: MatrixOptions) => {
      await withCommandExit({}, context, async () => {
        const run = recalledRun(given, typed, context);
        const { files, options } = run;
        const there = { ...context, cwd: run.cwd };
        const host = ownHost(there);
        const cells = cellRequest(files, options, context);
        if (cells?.operation === "submit-cells") {
          const { test } = cells;
          const asked = test === undefined ? cells : { ...cells, test: withRunDefaults(test, host) };
          if (options.dryRun === true) writeOutput(await submissionAsScript(asked, files, options, host));
          else {
            const { testOnCluster } = await import("../matrix/cluster-run.js");
            await testOnCluster(asked, options, context);
          }
          return;
        }
        if (cells !== undefined) {
          const planned =
            cells.operation === "plan-cells" ? { ...cells, test: withRunDefaults(cells.test, host) } : cells;
          await carryOutCells(planned, options, context);
          return;
        }
        const request = withRunDefaults(testRequest(files, options, context), host);
        if (options.dryRun === true)
          writeOutput(testScript(request, options, { host, here: ownHost(context) }));
        else await testKernels(request, run, there);
      });
    });
}
