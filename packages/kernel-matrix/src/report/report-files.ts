import { commandReport, type CommandResult } from "@vm/guest-run";
import { openReportFiles, renderJson, type ReportFiles } from "@vm/operations";
import type { MatrixResult } from "../result.js";
import { singleRun } from "../single-run.js";
import { renderHtml } from "./html.js";
import { matrixReport } from "./json.js";
import { renderJunit } from "./junit.js";

/** Files for reports, as they are named; relative ones are relative to `cwd`. */
export interface ReportNames {
  /** As JSON. */
  readonly report?: string;
  /** As JUnit XML. */
  readonly junit?: string;
  /** As one HTML page; of a matrix alone. */
  readonly html?: string;
}

/** Opens the files for the reports of a matrix, before anything is run. @throws `OUTPUT_UNWRITABLE` */
export function openMatrixReports(names: ReportNames, cwd: string): ReportFiles<MatrixResult> {
  return openReportFiles<MatrixResult>(
    [
      [names.report, (result) => renderJson(matrixReport(result))],
      [names.junit, renderJunit],
      [names.html, renderHtml],
    ],
    cwd,
  );
}

/** Opens those of one command on one kernel, before it is run. @param kernel what `-k` says @throws `OUTPUT_UNWRITABLE` */
export function openCommandReports(
  { report, junit }: Omit<ReportNames, "html">,
  kernel: string,
  cwd: string,
): ReportFiles<CommandResult> {
  const startedAt = new Date();
  return openReportFiles<CommandResult>(
    [
      [report, (result) => renderJson(commandReport(result))],
      [junit, (result) => renderJunit(singleRun({ kernel: { given: kernel }, result, startedAt }))],
    ],
    cwd,
  );
}
