import type { CommandDeclaration } from "../command-declaration.js";
import { seenOptions } from "../options/embedded-options.js";
import { gitConfigurationGroup } from "../options/git-options.js";
import { dryRunOption } from "../options/dry-run.js";

export const testCommand: CommandDeclaration = {
  arguments: [
    [
      "[files...]",
      "files with commands; kunit[:GLOB], the kernel's own unit tests; kselftest:TARGETS, its selftests",
    ],
  ],
  usage: "-k <build>... [--exec <command>...] [options] [files...]",
  options: [
    ["-k, --kernel <build>", "a kernel: all that vm run -k takes (repeatable)", { repeatable: true }],
    ["--exec <command>", "a command for the guest's sh (repeatable)", { repeatable: true }],
    ["-j, --jobs <number>", "guests at once (default: by CPUs and free memory)"],
    ["--fail-fast", "end the run at the first test that does not pass"],
    ["--ktap", "a command whose output has no results in KTAP or TAP fails (with some they are always read)"],
    [
      "--only <pattern>",
      "of the tests those whose name it fits, with * and ?: all of it, or what is behind a : or / (repeatable)",
      { repeatable: true },
    ],
    ["--rerun-failed <file>", "run what did not pass in that JSON report; without -k, as it was run then"],
    [
      "--selftests <directory>",
      "with kselftest:TARGETS: the kernel source that they are built from (default: that of the kernels)",
    ],
    ["--baseline <file>", "compare with that JSON report: only new failures are failures of the run"],
    [
      "--expected-failures <file>",
      "known failures, PATTERN # [until RELEASE:] REASON a line: they are no failures of the run",
    ],
    [
      "--guest <way>",
      "per-test: each test in a guest of its own; per-kernel: all of a kernel's in one boot (default: per-test)",
    ],
    ["--repeat <number>", "run each test that many times"],
    ["--until-fail", "repeat until a test fails: without end, or as often as --repeat says"],
    [
      "--retry <number>",
      "try a test that does not pass up to that many times again; one that then passes is flaky",
    ],
    ["--flaky <verdict>", "whether a flaky test counts as passed: pass or fail (default: pass)"],
    [
      "--seed <number>",
      "run the tests in an order that this number chooses; random: any, which is then told",
    ],
    ["--timeout <seconds>", "end a guest after that time"],
    [
      "--boot-timeout <seconds>",
      "end a guest whose command has not started by then (default: 900; none: no limit)",
    ],
    ["--fail-on <kinds>", "kinds of kernel warnings that count as failures: warn,lockdep,kasan,..."],
    ["-a, --append <parameter>", "add a kernel parameter (repeatable)", { repeatable: true }],
    ["--accel <name>", "auto, kvm or tcg (default: $VM_ACCEL, else auto)"],
    ["--qemu <binary>", "this QEMU: a program of PATH, or a path (default: qemu-system-ARCH)"],
    [
      "--share <way>",
      "how files are shared with the guests: 9p, virtiofs or auto (default: auto, by what each kernel has); DIRECTORY:GUESTPATH[:rw]: they see a directory there (repeatable)",
      { repeatable: true },
    ],
    dryRunOption,
  ],
  groups: [
    {
      heading: "Reports:",
      options: [
        ["--report <file>", "write everything as JSON"],
        ["--junit <file>", "write JUnit XML"],
        ["--html <file>", "write a page to look at"],
        ["--json", "print the JSON report instead of the table"],
        ["--full", "show all of what the kernel reported, registers and code bytes too"],
      ],
    },
    {
      heading: "In parts, on other machines:",
      options: [
        ["--plan <directory>", "run nothing: prepare it, and write all that its cells need into a directory"],
        ["--run <directory>", "run cells of a plan; their results go into the directory"],
        ["--cell <number>", "with --run: this cell, from 1 on"],
        ["--shard <part>", "with --run: a part of the cells, such as 3/10"],
        [
          "--attempt <number>",
          "with --run: the number of this attempt at each cell, for queues that count them (default: the next one)",
        ],
        ["--collect <directory>", "report on all cells of a plan; one without an answer is an error"],
        [
          "--wait",
          "with --collect: wait until every cell has its answer, or its queue says that none will come",
        ],
        [
          "--on <place>",
          "run the cells elsewhere, with the reports of a run here: slurm, slurm:PARTITION, ssh:HOST,HOST... (-j: guests at once, by ssh on each host; --plan: keep the plan)",
        ],
        ["--detach", "with --on slurm: print the number of the job, and end"],
      ],
    },
    {
      heading: "The guests:",
      options: [
        ...seenOptions,
        ["-c, --cpus <number>", "number of CPUs of each (default: 1)"],
        ["-m, --memory <size>", "memory of each, as QEMU writes it (default: 1G)"],
        ["--network <kind>", "none, user or isolated (default: network in config.json, else none)"],
        ["--busybox <file>", "a static busybox of the kernels' architecture, for an initramfs"],
      ],
    },
    gitConfigurationGroup,
  ],
  notes: `
Every kernel runs every command in an embedded guest of its own, as many in parallel as the machine can handle. A FILE holds commands
for the guest's sh; a #! line that names another interpreter is honoured. With no command at all, the test is that it boots.

Examples:
  vm test -k ~/linux-6.1 -k ~/linux-next --exec 'uname -r' --exec 'make -C tools/testing/selftests/size run_tests'
  vm test -k ~/a -k ~/b tests/*.sh -j 4 --timeout 5m --html report.html --junit report.xml
  vm test -k ~/linux 'kunit:list*'
  vm test -k ~/linux kselftest:timers,size
  vm test -k git:v6.6 -k git:HEAD ./reproduce.sh
  vm test -k . --exec true -n
  vm test -k ~/linux tests/*.sh --on ssh:build1,me@build2 -j 4
  vm test -k ~/linux tests/*.sh --plan plan; vm test --run plan --shard 1/2; vm test --run plan --shard 2/2; vm test --collect plan
`,
};
