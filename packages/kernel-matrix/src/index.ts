export { capture, outputText, type Capture, type CapturedOutput, type CaptureLimits } from "./capture.js";
export { renderJunit } from "./report/junit.js";
export {
  problemOf,
  type CellEnd,
  type CellResult,
  type KernelRow,
  type MatrixResult,
  type Problem,
  type TestColumn,
} from "./result.js";
export { singleRun } from "./single-run.js";
export {
  cellVerdict,
  countVerdicts,
  describeEnd,
  matrixExitCode,
  type Verdict,
  type VerdictCounts,
} from "./verdict.js";
