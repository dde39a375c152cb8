import { availableParallelism } from "node:os";
import {
  guestsAtOnce,
  hasMemoryFor,
  matrixExitCode,
  matrixReport,
  readAvailableMiB,
  renderTable,
  runMatrix,
  type CellSettings,
  type MatrixResult,
  type NamedKernel,
  type PreparedKernel,
  type RunMatrix,
  type TestColumn,
} from "@vm/kernel-matrix";
import type { CommandContext } from "../command-module.js";
import { toJson } from "../dry-run.js";
import { writeNotice, writeOutput } from "../output.js";
import { openDisplay } from "./display.js";
import { prepareOne, preparation } from "./kernel-preparation.js";
import { guestSize, parseCount, readCellSettings, type MatrixOptions } from "./matrix-options.js";
import { openReports } from "./report-files.js";

/** A run of `vm test` as its command line has it. */
export interface TestRun {
  readonly kernels: readonly NamedKernel[];
  readonly tests: readonly TestColumn[];
  readonly options: MatrixOptions;
  readonly context: CommandContext;
}

/** Runs every test on every kernel; prints the table, and writes the reports. */
export async function testKernels({ kernels: named, tests, options, context }: TestRun): Promise<void> {
  const settings = readCellSettings(options, context);
  const size = guestSize(settings);
  const ownJobs = options.jobs === undefined ? undefined : parseCount(options.jobs, "-j");
  const prepare = await preparation(options, context);
  const reports = openReports(options, context.cwd);
  try {
    const kernels: PreparedKernel[] = [];
    for (const kernel of named) kernels.push(await prepareOne(kernel, { prepare, options, context }));
    tellOfKernels(kernels);
    const result = await runPrepared(kernels, { size, ownJobs, settings, tests, options, context });
    context.setExitCode(matrixExitCode(result));
    // First the files: whoever reads our output may be gone.
    reports.write(result);
    printResult(result, options, context);
  } finally {
    reports.discard();
  }
}

async function runPrepared(
  kernels: readonly PreparedKernel[],
  {
    size,
    ownJobs,
    settings,
    tests,
    options,
    context,
  }: Pick<TestRun, "tests" | "options" | "context"> & {
    readonly size: ReturnType<typeof guestSize>;
    readonly ownJobs: number | undefined;
    readonly settings: CellSettings;
  },
): Promise<MatrixResult> {
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
  if (display.lost !== undefined) throw display.lost;
  return result;
}

function printResult(result: MatrixResult, options: MatrixOptions, context: CommandContext): void {
  writeOutput(
    options.json === true
      ? toJson(matrixReport(result))
      : renderTable(result, {
          width: process.stdout.columns ?? 120,
          colours: process.stdout.isTTY && !context.env["NO_COLOR"] ? "colours" : "plain",
        }),
  );
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
