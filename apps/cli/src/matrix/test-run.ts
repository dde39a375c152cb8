import { cellWords, invocationOf, type MatrixOptions, type RecalledRun } from "@vm/command-requests";
import {
  matrixExitCode,
  matrixReport,
  openMatrixReports,
  openProcessDisplay,
  planTests,
  renderTable,
  runOrigin,
  runTests,
  type MatrixResult,
  type ProcessDisplay,
} from "@vm/kernel-matrix";
import { renderJson, type TestRequest } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { coloursFor, manner, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { readManifest } from "../own-version.js";

/** Runs every test on every kernel; prints the table, and writes the reports. */
export async function testKernels(
  request: TestRequest,
  run: RecalledRun,
  context: CommandContext,
): Promise<void> {
  const { options } = run;
  const host = ownHost(context);
  const plan = planTests(request, host, (kernel, test) =>
    cellWords(options, { program: host.program, kernel, test }),
  );
  const reports = openMatrixReports(options, context.cwd);
  await showMatrix(reports, options, context, async (display) => {
    const keeps = (options.report ?? options.json) === undefined ? "nothing" : "identities";
    const result = await runTests({ ...plan, keeps }, host, (total) => {
      const { event: onEvent, connect: onStart } = display(total);
      return { onEvent, onStart };
    });
    return { ...result, invocation: invocationOf(run) };
  });
}

/** Shows on standard error how a matrix gets on; then writes its reports, prints it, and sets the exit code. */
export async function showMatrix(
  reports: ReturnType<typeof openMatrixReports>,
  options: MatrixOptions,
  context: CommandContext,
  run: (display: (total: number) => ProcessDisplay) => Promise<MatrixResult>,
): Promise<void> {
  try {
    let display: ProcessDisplay | undefined;
    const details = options.full === true ? "whole" : "folded";
    const open = (total: number): ProcessDisplay =>
      (display = openProcessDisplay({
        total,
        env: context.env,
        details,
        colours: coloursFor(process.stderr, context.env),
        detail: manner.isQuiet ? "nothing" : "progress",
      }));
    const origin = runOrigin(readManifest().version);
    const result = { ...(await run(open).finally(() => display?.end())), origin };
    if (display?.lost !== undefined) throw display.lost;
    context.setExitCode(matrixExitCode(result));
    // First the files: whoever reads our output may be gone.
    reports.write(result);
    printResult(result, options, context);
  } finally {
    reports.discard();
  }
}

function printResult(result: MatrixResult, options: MatrixOptions, context: CommandContext): void {
  writeOutput(
    options.json === true
      ? renderJson(matrixReport(result))
      : renderTable(result, {
          width: process.stdout.columns ?? 120,
          colours: coloursFor(process.stdout, context.env),
        }),
  );
}
