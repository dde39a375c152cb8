export { capture, outputText, type Capture, type CapturedOutput, type CaptureLimits } from "./capture.js";
export { guestsAtOnce, hasMemoryFor, readAvailableMiB, type Capacity } from "./capacity.js";
export { prepareKernel, type NamedKernel, type Preparation, type PreparedKernel } from "./prepare-kernel.js";
export { openProcessDisplay, type ProcessDisplay } from "./progress/display.js";
export { lineProgress } from "./progress/lines.js";
export type { Progress } from "./progress/progress.js";
export { terminalProgress, type TerminalProgress } from "./progress/terminal.js";
export { renderHtml } from "./report/html.js";
export {
  matrixReport,
  type CellReport,
  type MatrixReport,
  type OutputReport,
  type RunReport,
  type TestReport,
} from "./report/json.js";
export { renderJunit } from "./report/junit.js";
export { openCommandReports, openMatrixReports, type ReportNames } from "./report/report-files.js";
export { renderTable, type TableSettings } from "./report/table.js";
export {
  problemOf,
  type CellEnd,
  type CellResult,
  type Invocation,
  type KernelRow,
  type MatrixResult,
  type Problem,
  type TestColumn,
} from "./result.js";
export { numbered, shortNames } from "./row-names.js";
export type { Cell, CellSettings } from "./run-cell.js";
export { runMatrix, type MatrixControl, type MatrixEvent, type RunMatrix } from "./run-matrix.js";
export { matrixScript, type ScriptCell } from "./script.js";
export { singleRun } from "./single-run.js";
export { fileCommand } from "./test-file.js";
export { MOST_SEED, randomSeed } from "./test-order.js";
export { readReport, type OldReport } from "./history/read-report.js";
export { runOrigin } from "./run-origin.js";
export { historyOf, type History } from "./history/history.js";
export { renderHistory, renderHistoryHtml } from "./history/history-table.js";
export { testName } from "./test-name.js";
export { planTests, runTests, type TestPlan } from "./test-run.js";
export {
  cellVerdict,
  countVerdicts,
  describeEnd,
  matrixExitCode,
  type Verdict,
  type VerdictCounts,
} from "./verdict.js";
export type { CellQueue } from "./cells/cell-queue.js";
export { checkCellWork, workOnCells } from "./cells/cell-work.js";
export { collectCells, openCollection, type Collection } from "./cells/collect-cells.js";
export type { MatrixFrontEnd, MatrixWatch } from "./matrix-show.js";
export { runShown, type ShownRun } from "./progress/shown-run.js";
export { runOnCluster } from "./slurm/cluster-run.js";
export { checkHostsRun, runOnHosts } from "./ssh/hosts-run.js";
export type { Manifest, PlannedKernel } from "./cells/manifest.js";
export { planCells, type WrittenPlan } from "./cells/plan-cells.js";
export { openCells, runCells, type CellRun } from "./cells/run-cells.js";
export { readSubmission, slurmQueue } from "./slurm/slurm-queue.js";
export {
  askCluster,
  newRunName,
  submissionScript,
  submitCells,
  type Submitted,
} from "./slurm/submit-cells.js";
export { serveCells, type CellConnection } from "./ssh/cell-server.js";
export { connectHost, type HostSession } from "./ssh/host-session.js";
export { withPlanDraft } from "./ssh/shipped-kernel.js";
export { endSessions, sshQueue } from "./ssh/ssh-queue.js";
