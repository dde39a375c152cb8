import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { testScript } from "../matrix/dry-script.js";
import { testRequest, type MatrixOptions } from "../matrix/matrix-options.js";
import { testKernels } from "../matrix/test-run.js";
import { writeOutput } from "../output.js";
import { collect } from "../repeatable-option.js";
import { withCommandExit } from "../run/command-exit.js";

const examples = `
Every kernel runs every command in an embedded guest of its own, as many at once as the machine bears. A FILE holds commands
for the guest's sh; a #! line that names another interpreter is honoured. With no command at all, the test is that it boots.

Examples:
  vm test -k ~/linux-6.1 -k ~/linux-next --exec 'uname -r' --exec 'make -C tools/testing/selftests/size run_tests'
  vm test -k ~/a -k ~/b tests/*.sh -j 4 --timeout 5m --html report.html --junit report.xml
  vm test -k git:v6.6 -k git:HEAD ./reproduce.sh
  vm test -k . --exec true -n
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("[files...]", "files with commands")
    .usage("-k <build>... [--exec <command>...] [options] [files...]")
    .option("-k, --kernel <build>", "a kernel: all that vm run -k takes (may be given again)", collect)
    .option("--exec <command>", "a command for the guest's sh (may be given again)", collect)
    .option("-j, --jobs <number>", "guests at once (default: by CPUs and free memory)")
    .option("--fail-fast", "end the run at the first test that does not pass")
    .option("--timeout <seconds>", "end a guest after that time")
    .option(
      "--boot-timeout <seconds>",
      "end a guest whose command has not begun by then (default: 900; or none)",
    )
    .option("--fail-on <kinds>", "complaints of the kernel that are failures: warn,lockdep,kasan,...")
    .option("-a, --append <parameter>", "a kernel parameter more (may be given again)", collect)
    .option("--accel <name>", "auto, kvm or tcg (default: $VM_ACCEL, else auto)")
    .option(
      "--share <way>",
      "how the guests get files of the host: 9p, virtiofs or auto (default: by what each kernel has)",
    )
    .option(...dryRunOption)
    .optionsGroup("Reports:")
    .option("--report <file>", "write everything as JSON")
    .option("--junit <file>", "write JUnit XML")
    .option("--html <file>", "write a page to look at")
    .option("--json", "print the JSON report instead of the table")
    .optionsGroup("The guests:")
    .option("--root <directory>", "boot on this root instead of /")
    .option("--rw <directory>", "share a directory that the guests may change (may be given again)", collect)
    .option("--ro <directory>", "share a directory that they may only read (may be given again)", collect)
    .option(
      "--expose <path>",
      "do not hide this place of the host, such as ~/.ssh (may be given again)",
      collect,
    )
    .option("--user", "run as you, not as root")
    .option("-c, --cpus <number>", "number of CPUs of each (default: 1)")
    .option("-m, --memory <size>", "memory of each, as QEMU writes it (default: 1G)")
    .option("--network <kind>", "none, user or isolated (default: network in config.json, else none)")
    .option("--busybox <file>", "a static busybox of the kernels' architecture, for an initramfs")
    .optionsGroup("How git:REVISION is built:")
    .option("--fragments <names>", "fragments of the configuration, between commas (default: qemu,small)")
    .option("--base <config>", "what they are added to: a target of make, or a file (default: defconfig)")
    .option("--arch <arch>", "build it for arm64, riscv64... (default: $ARCH, else the host's)")
    .addHelpText("after", examples)
    .action(async (files: readonly string[], options: MatrixOptions) => {
      await withCommandExit({}, context, async () => {
        const request = testRequest(files, options);
        if (options.dryRun === true) writeOutput(testScript(request, options, context));
        else await testKernels(request, options, context);
      });
    });
}
