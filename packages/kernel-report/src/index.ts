export type { ComplaintKind } from "./complaint-kind.js";
export { recordsOf, type ConsoleRecord } from "./console-record.js";
export { COMPLAINT_WORDS, complaintKind } from "./first-line.js";
export type { LineRole } from "./report-line.js";
export {
  parseReports,
  reportParser,
  type KernelReport,
  type ReportLine,
  type ReportParser,
} from "./report-parser.js";
export {
  frameName,
  framesOf,
  isBehindCaller,
  kernelOffset,
  placeOf,
  type StackFrame,
} from "./stack-frame.js";
export { toldRelease } from "./told-release.js";
