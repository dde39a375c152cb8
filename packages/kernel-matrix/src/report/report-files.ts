import { commandReport, type CommandResult } from "@vm/guest-run";
import {
  failureData,
  openReportFiles,
  renderJson,
  type FailureReport,
  type ReportFiles,
} from "@vm/operations";
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

/** The result of one command, and what there is to say of it where it did not pass. */
export interface ExplainedResult {
  readonly result: CommandResult;
  readonly failure: FailureReport | null;
}

/**
 * Opens those of one command on one kernel, before it is run. @throws `OUTPUT_UNWRITABLE`
 * @param kernel what `-k` says
 * @param again the words that run it again
 */
export function openCommandReports(
  { report, junit }: Omit<ReportNames, "html">,
  kernel: string,
  { cwd, again }: { readonly cwd: string; readonly again: readonly string[] },
): ReportFiles<ExplainedResult> {
  const startedAt = new Date();
  return openReportFiles<ExplainedResult>(
    [
      [
        report,
        ({ result, failure }) =>
          renderJson({
            ...commandReport(result),
            failure: failure === null ? null : failureData(failure, again),
          }),
      ],
      [
        junit,
        ({ result, failure }) =>
          renderJunit(singleRun({ kernel: { given: kernel }, result, failure, again, startedAt })),
      ],
    ],
    cwd,
  );
}
