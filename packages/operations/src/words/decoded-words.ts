import type { DecodedLog } from "../report/decoded-log.js";
import {
  describeFacts,
  describeReport,
  reportLines,
  type ReportView,
  type ReportWords,
} from "./report-words.js";

/** A decoded log for a person. */
export interface DecodedWords {
  /** Reports, and then lines that belong to none. */
  readonly blocks: readonly (readonly ReportWords[])[];
  /** What the person ought to know besides, a sentence each. */
  readonly notices: readonly string[];
  /** Whether there was anything to decode. */
  readonly isFound: boolean;
}

export function describeDecoded(
  { kernel: { release }, reports, droppedReports, loose, taint, sources, problems }: DecodedLog,
  settings: Pick<ReportView, "cwd" | "details">,
): DecodedWords {
  const view = { ...settings, sources };
  const isFound = reports.length > 0 || loose.length > 0;
  return {
    blocks: [
      ...reports.map((report) => describeReport(report, view)),
      ...(loose.length > 0 ? [reportLines(loose, view)] : []),
      ...(taint === null ? [] : [describeFacts({ kernel: { release, commit: null }, taint }, null)]),
    ],
    notices: [
      ...problems.map(({ message, hint }) => (hint === undefined ? message : `${message}. ${hint}`)),
      ...(droppedReports > 0 ? [`${droppedReports} more reports are not shown`] : []),
      ...(isFound ? [] : ["no report of a kernel, and no stack, is in this log"]),
    ],
    isFound,
  };
}
