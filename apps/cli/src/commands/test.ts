import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseAcceleratorRequest } from "@vm/guest-run";
import {
  guestsAtOnce,
  hasMemoryFor,
  matrixExitCode,
  matrixReport,
  matrixScript,
  prepareKernel,
  readAvailableMiB,
  renderTable,
  runMatrix,
  shortNames,
  unusableKernel,
  type NamedKernel,
  type Preparation,
  type PreparedKernel,
  type RunMatrix,
  type TestColumn,
} from "@vm/kernel-matrix";
import { readUserConfig } from "@vm/vm-store";
import { Option, type Command } from "commander";
import { cacheHome } from "../cache-home.js";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, toJson } from "../dry-run.js";
import { openDisplay } from "../matrix/display.js";
import {
  guestSize,
  parseCount,
  readCellSettings,
  runWords,
  type MatrixOptions,
} from "../matrix/matrix-options.js";
import { openReports } from "../matrix/report-files.js";
import { readTests } from "../matrix/tests.js";
import type { LateInitramfs } from "../late/kernel-initramfs.js";
import { writeNotice, writeOutput } from "../output.js";
import { ownBin } from "../own-bin.js";
import { withBuiltKernel } from "../run/built-kernel.js";
import { withCommandExit } from "../run/command-exit.js";
import { kernelLookup } from "../run/kernel-lookup.js";
import { parseShareRequest, shareWay } from "../run/share-way.js";
import { usageError } from "../usage-error.js";

const examples = `
Every kernel runs every command in an embedded guest of its own, as many at once as the machine bears. A FILE holds commands
for the guest's sh; a #! line that names another interpreter is honoured. With no command at all, the test is that it boots.

Examples:
  vm test -k ~/linux-6.1 -k ~/linux-next --exec 'uname -r' --exec 'make -C tools/testing/selftests/size run_tests'
  vm test -k ~/a -k ~/b tests/*.sh -j 4 --timeout 5m --html report.html --junit report.xml
  vm test -k git:v6.6 -k git:HEAD ./reproduce.sh
  vm test -k . --exec true -n
`;

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

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
    .option("--user", "run as you, not as root")
    .option("-c, --cpus <number>", "number of CPUs of each (default: 1)")
    .option("-m, --memory <size>", "memory of each, as QEMU writes it (default: 1G)")
    .addOption(new Option("--network <kind>", "user or none (default: user)").choices(["user", "none"]))
    .option("--busybox <file>", "a static busybox of the kernels' architecture, for an initramfs")
    .optionsGroup("How git:REVISION is built:")
    .option("--fragments <names>", "fragments of the configuration, between commas (default: qemu,small)")
    .option("--base <config>", "what they are added to: a target of make, or a file (default: defconfig)")
    .option("--arch <arch>", "build it for arm64, riscv64... (default: $ARCH, else the host's)")
    .addHelpText("after", examples)
    .action(async (files: readonly string[], options: MatrixOptions) => {
      await withCommandExit({}, context, async () => {
        const { kernel: given = [], exec: commands = [] } = options;
        if (given.length === 0) throw usageError("which kernels (-k)?");
        const tests = readTests({ commands, files, cwd: context.cwd });
        // A revision is no path.
        const names = shortNames(
          given.map((kernel) => (kernel.startsWith("git:") ? kernel : resolve(context.cwd, kernel))),
        );
        const kernels = given.map((kernel, index) => ({ given: kernel, name: names[index] ?? kernel }));
        const run = { kernels, tests, options, context };
        if (options.dryRun === true) printScript(run);
        else await testKernels(run);
      });
    });
}

interface TestRun {
  readonly kernels: readonly NamedKernel[];
  readonly tests: readonly TestColumn[];
  readonly options: MatrixOptions;
  readonly context: CommandContext;
}

async function testKernels({ kernels: named, tests, options, context }: TestRun): Promise<void> {
  const settings = readCellSettings(options, context);
  const size = guestSize(settings);
  const ownJobs = options.jobs === undefined ? undefined : parseCount(options.jobs, "-j");
  const prepare = preparation(options, context);
  const writeReports = openReports(options, context.cwd);
  const kernels: PreparedKernel[] = [];
  for (const kernel of named) kernels.push(await prepareOne(kernel, { prepare, options, context }));
  tellOfKernels(kernels);
  const display = openDisplay({ total: kernels.length * tests.length, env: context.env });
  const result = await runMatrix({
    kernels,
    tests,
    settings,
    ...(ownJobs === undefined ? asManyAsBearable(kernels, size) : { jobs: ownJobs }),
    onFailure: options.failFast === true ? "stop" : "go-on",
    onEvent: display.event,
    onStart: display.connect,
  }).finally(display.end);
  context.setExitCode(matrixExitCode(result));
  // First the files: whoever reads our output may be gone.
  writeReports(result);
  writeOutput(
    options.json === true
      ? toJson(matrixReport(result))
      : renderTable(result, {
          width: process.stdout.columns ?? 120,
          colours: process.stdout.isTTY && !context.env["NO_COLOR"] ? "colours" : "plain",
        }),
  );
}

/** Builds it first where it is a revision; what goes wrong is a row of the table. */
async function prepareOne(
  kernel: NamedKernel,
  {
    prepare,
    options,
    context,
  }: {
    readonly prepare: Preparation;
    readonly options: MatrixOptions;
    readonly context: CommandContext;
  },
): Promise<PreparedKernel> {
  try {
    const { fragments, base, arch } = options;
    const building = {
      kernel: kernel.given,
      ...(fragments === undefined ? {} : { fragments }),
      ...(base === undefined ? {} : { base }),
      ...(arch === undefined ? {} : { arch }),
    };
    const { kernel: what } = await withBuiltKernel(building, context);
    return prepareKernel({ ...kernel, what }, prepare);
  } catch (error) {
    return unusableKernel(kernel, error);
  }
}

function preparation(options: MatrixOptions, context: CommandContext): Preparation {
  const { env } = context;
  const { busybox, root, share } = options;
  const features = ["console", "modules", "embedded", "command"] as const;
  parseShareRequest(share);
  const requested = options.accel ?? (env["VM_ACCEL"] || "auto");
  return {
    lookup: kernelLookup(context, readUserConfig({ env })),
    accelerator: parseAcceleratorRequest(requested, options.accel === undefined ? "VM_ACCEL" : "--accel"),
    cacheHome: cacheHome(context),
    env,
    share: (build, name) =>
      shareWay(build, { share, features, context, tell: (reason) => writeNotice(`${name}: ${reason}`) }),
    initramfs: (build, modulesIndex, way) => {
      const { findInitramfs }: LateInitramfs = require("./kernel-initramfs.cjs");
      return findInitramfs(build, modulesIndex, {
        features,
        cmdline: [],
        share: way,
        options: { ...(busybox === undefined ? {} : { busybox }), ...(root === undefined ? {} : { root }) },
        context,
      });
    },
  };
}

function tellOfKernels(kernels: readonly PreparedKernel[]): void {
  const reasons = kernels.flatMap((kernel) =>
    kernel.kind === "ready" && kernel.accelerator.reason !== undefined ? [kernel.accelerator.reason] : [],
  );
  for (const reason of new Set(reasons)) writeNotice(reason);
  for (const kernel of kernels) {
    const { name, warnings } = kernel.row;
    for (const warning of warnings) writeNotice(`warning: ${name}: ${warning}`);
    if (kernel.kind === "ready") continue;
    const { message, hint } = kernel.problem;
    writeNotice(`${name}: ${message}${hint === undefined ? "" : `. ${hint}`}`);
  }
}

function asManyAsBearable(
  kernels: readonly PreparedKernel[],
  size: ReturnType<typeof guestSize>,
): Pick<RunMatrix, "hasRoom" | "jobs"> {
  const emulated = kernels.some(
    (kernel) => kernel.kind === "ready" && kernel.accelerator.accelerator !== "kvm",
  );
  return {
    jobs: guestsAtOnce({
      ...size,
      hostCpus: availableParallelism(),
      availableMiB: readAvailableMiB(),
      accelerator: emulated ? "emulation" : "hardware",
    }),
    hasRoom: () => hasMemoryFor(size.guestMemoryMiB, readAvailableMiB()),
  };
}

function printScript({ kernels, tests, options, context }: TestRun): void {
  const words = runWords(options);
  const cells = kernels.flatMap((kernel) =>
    tests.map((test) => {
      const text = Buffer.from(test.command).toString("utf8");
      // No argument of ours can hold bytes that are no UTF-8.
      const asText = Buffer.from(text).equals(test.command);
      const how =
        asText || test.file === null ? ["run", ...words, "--exec", text] : ["test", ...words, test.file];
      const [verb = "run", ...rest] = how;
      return { kernel: kernel.name, test: test.name, argv: [...ownBin(), verb, "-k", kernel.given, ...rest] };
    }),
  );
  writeOutput(matrixScript(cells, { cwd: context.cwd }));
}
