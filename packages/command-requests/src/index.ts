export type { Caller, DryRun } from "./caller.js";
export { flagOf } from "./field-flags.js";
export type { InstallCommandOptions } from "./install/install-options.js";
export { installRequest } from "./install/install-request.js";
export {
  parseAccelerator,
  parseCount,
  parseDuration,
  parseMachine,
  parseRevisionBuild,
} from "./option-values.js";
export { checkParameters } from "./run/kernel-parameters.js";
export { checkGitOptions, checkRunOptions, runOptionUses, type RunForm } from "./run/option-check.js";
export { hasPackages, packageHint, refusePackages } from "./run/package-words.js";
export type { CommandOptions, DebugOptions, GitKernelOptions, RunOptions } from "./run/run-options.js";
export { runRequest, type RunCaller } from "./run/run-request.js";
export { startRequest, type StartOptions } from "./run/start-request.js";
export { stopSettings, type StopOptions } from "./stop-request.js";
export { cellRequest, type CellRequest, type PlanRequest } from "./test/cell-options.js";
export { submissionAsScript } from "./test/cluster-script.js";
export { testScript } from "./test/dry-script.js";
export { cellWords, runWords, testRequest, type MatrixOptions } from "./test/matrix-options.js";
export { invocationOf, recalledRun, type RecalledRun } from "./test/recalled-run.js";
export { usageError } from "./usage-error.js";
