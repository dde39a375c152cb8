import type { FailureReport } from "./failure-report.js";
import { reportData, type ReportData } from "./report-data.js";
import type { Taint } from "./taint.js";

/** Why a run did not pass, as JSON. */
export interface FailureData {
  /** What the kernel complained of, in order, with the frames of its stacks. */
  readonly reports: readonly ReportData[];
  readonly kernel: FailureReport["kernel"];
  readonly taint: Taint | null;
  /** The words that run it again. */
  readonly again: readonly string[] | null;
}

export function failureData(
  { reports, kernel, taint }: FailureReport,
  again: readonly string[] | null,
): FailureData {
  return { reports: reports.map(reportData), kernel, taint, again };
}
