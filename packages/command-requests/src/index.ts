export type { Caller, DryRun, JsonOption } from "./caller.js";
export { exportRequest, type ExportOptions } from "./export-request.js";
export { flagOf } from "./field-flags.js";
export type { InstallCommandOptions } from "./install/install-options.js";
export { installRequest } from "./install/install-request.js";
export {
  addDiskRequest,
  cloneRequest,
  createSnapshotRequest,
  deleteSnapshotRequest,
  removeDiskRequest,
  removeRequest,
  renameRequest,
  resizeRequest,
  restoreSnapshotRequest,
  setRequest,
  type AddDiskOptions,
  type CloneOptions,
  type ConsentOptions,
  type CreateSnapshotOptions,
  type RemoveDiskOptions,
  type ResizeOptions,
} from "./keep/change-requests.js";
export {
  createRequest,
  importRequest,
  type CreateOptions,
  type ImportOptions,
} from "./keep/new-vm-request.js";
export {
  checkConfigRequest,
  mergeConfigRequest,
  type CheckConfigOptions,
  type MergeConfigOptions,
} from "./kernel/configuration-requests.js";
export {
  decodeRequest,
  kernelRequest,
  modulesFlags,
  type DecodeOptions,
  type KernelOptions,
  type ModulesOptions,
} from "./kernel/kernel-request.js";
export {
  copyRequest,
  execRequest,
  execWords,
  forwardRequest,
  mountRequest,
  type CopyOptions,
  type ExecOptions,
  type ForwardOptions,
  type MountOptions,
} from "./reach/reach-requests.js";
export {
  parseAccelerator,
  parseCount,
  parseDuration,
  parseMachine,
  parseRevisionBuild,
} from "./option-values.js";
export { repeatedCommand } from "./repeated-command.js";
export { checkParameters } from "./run/kernel-parameters.js";
export { checkGitOptions, checkRunOptions, runOptionUses, type RunForm } from "./run/option-check.js";
export { hasPackages, packageHint, refusePackages } from "./run/package-words.js";
export type { CommandOptions, DebugOptions, GitKernelOptions, RunOptions } from "./run/run-options.js";
export { runRequest, type RunCaller } from "./run/run-request.js";
export { startRequest, type StartOptions } from "./run/start-request.js";
export {
  restartRequest,
  stopRequest,
  type RestartOptions,
  type StopGuestsOptions,
} from "./running/stop-request.js";
export {
  logsRequest,
  qmpRequest,
  waitRequest,
  type LogsOptions,
  type WaitOptions,
} from "./running/guest-requests.js";
export type { CellRequest } from "./test/cell-options.js";
export { matrixRequest } from "./test/matrix-request.js";
export { submissionAsScript } from "./test/cluster-script.js";
export { testScript } from "./test/dry-script.js";
export { cellWords, runWords, testRequest, type MatrixOptions } from "./test/matrix-options.js";
export { invocationOf, recalledRun, type RecalledRun } from "./test/recalled-run.js";
export { usageError } from "./usage-error.js";
