import { renderJson } from "@vm/operations";
import type { MatrixWatch } from "../matrix-show.js";
import type { ReportDetails } from "../report/failure-lines.js";
import { matrixReport } from "../report/json.js";
import { openMatrixReports } from "../report/report-files.js";
import { renderTable } from "../report/table.js";
import type { MatrixResult } from "../result.js";
import { runOrigin } from "../run-origin.js";
import { matrixExitCode } from "../verdict.js";
import { openProcessDisplay, type ProcessDisplay } from "./display.js";

/** How a matrix is shown by this process. */
export interface ShownRun {
  /** Which files are written. */
  readonly reports: Parameters<typeof openMatrixReports>[0];
  /** What is printed in the end. */
  readonly form: "json" | "table";
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly details: ReportDetails;
  readonly colours: Readonly<Record<"stderr" | "stdout", "colours" | "plain">>;
  /** `nothing`: how it gets on is not shown; signals stop it all the same. */
  readonly detail: "nothing" | "progress";
  /** Of the program. */
  readonly version: string;
}

/** Runs a matrix, shows on standard error how it gets on, and writes its reports. Gives the exit code, and what is to be printed. */
export async function runShown(
  { reports: names, form, cwd, env, details, colours, detail, version }: ShownRun,
  run: (open: (total: number) => MatrixWatch) => Promise<MatrixResult>,
): Promise<{ readonly exitCode: number; readonly text: string }> {
  const reports = openMatrixReports(names, cwd);
  try {
    let display: ProcessDisplay | undefined;
    const open = (total: number): MatrixWatch => {
      display = openProcessDisplay({ total, env, details, colours: colours.stderr, detail });
      return { onEvent: display.event, onStart: display.connect };
    };
    const ended = await run(open).finally(() => display?.end());
    // Cells of a plan say where they ran.
    const result = { origin: runOrigin(version), ...ended };
    if (display?.lost !== undefined) throw display.lost;
    // First the files: whoever reads our output may be gone.
    reports.write(result);
    const text =
      form === "json"
        ? renderJson(matrixReport(result))
        : renderTable(result, { width: process.stdout.columns ?? 120, colours: colours.stdout });
    return { exitCode: matrixExitCode(result), text };
  } finally {
    reports.discard();
  }
}
