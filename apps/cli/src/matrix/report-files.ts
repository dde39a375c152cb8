import { matrixReport, renderHtml, renderJunit, type MatrixResult } from "@vm/kernel-matrix";
import { toJson } from "../dry-run.js";
import { openReportFiles, type ReportFiles } from "../report-files.js";
import type { MatrixOptions } from "./matrix-options.js";

/** The reports of a run. */
export type MatrixReports = ReportFiles<MatrixResult>;

/** Opens the files for the reports, before anything is run. */
export function openReports(options: MatrixOptions, cwd: string): MatrixReports {
  return openReportFiles<MatrixResult>(
    [
      [options.report, (result) => toJson(matrixReport(result))],
      [options.junit, renderJunit],
      [options.html, renderHtml],
    ],
    cwd,
  );
}
