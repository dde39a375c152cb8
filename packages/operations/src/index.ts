export type { GuestEvent } from "./background/guest-events.js";
export { type GuestOrder, type UpSign } from "./background/guest-order.js";
export type { StartedGuest } from "./background/start-guest.js";
export { planRestart, startGuest, type Restart } from "./background/start.js";
export { startScript } from "./background/start-script.js";
export { runSupervisor } from "./background/supervisor-process.js";
export { listCache, type KeptEntry } from "./cache/kept-entries.js";
export { keepCacheLimit } from "./cache/cache-limit.js";
export { pruneCache, pruneScript, type PrunedCache } from "./cache/prune-cache.js";
export { describeCommandEnd } from "./words/command-end.js";
export { consentQuestion, describeChange } from "./words/change-words.js";
export { describeCache, describePruned } from "./words/cache-words.js";
export { describeSettings, effectiveSettings, type EffectiveSetting } from "./settings/effective.js";
export { withRunDefaults } from "./settings/run-defaults.js";
export { examine, type DoctorReport } from "./doctor/examine.js";
export { describeStarted, describeStopped } from "./words/background-words.js";
export { describeDecoded, type DecodedWords } from "./words/decoded-words.js";
export { describeDoctor } from "./words/doctor-words.js";
export { createMachine, creationScript } from "./create/create-machine.js";
export { modulesPackageScript, writeModulesPackage } from "./create/modules-package.js";
export { dumpNotices } from "./debug/dump-notices.js";
export { bootLimitMs } from "./guest/boot-limit.js";
export {
  commandScript,
  commandSettings,
  explainFailure,
  prepareCommand,
  type CommandEnds,
  type PreparedCommand,
} from "./guest/command-run.js";
export {
  planEmbeddedGuest,
  prepareEmbeddedGuest,
  type EmbeddedPlan,
  type EmbeddedRequest,
} from "./guest/embedded-guest.js";
export { prepareMachine, type Machine, type WantedMachine } from "./guest/machine.js";
export { describeOutOfMemory } from "./guest/out-of-memory.js";
export type { PreparedGuest } from "./guest/prepared-guest.js";
export { importScript, importVm } from "./import/import-vm.js";
export { change, scriptOfChange, snapshotsOf } from "./keep/changes.js";
export { editConfig, type Edited } from "./keep/edit-config.js";
export type { Snapshot } from "./keep/snapshots.js";
export {
  describeGuest,
  describeVm,
  listMachines,
  machineNames,
  type ListedDisk,
  type ListedVm,
} from "./keep/list-vms.js";
export {
  describeBytes,
  describeDisks,
  describeMachine,
  describeSnapshots,
  describeVms,
} from "./words/vm-words.js";
export {
  knownArchNames,
  knownDisks,
  knownFiles,
  knownFragments,
  knownGuests,
  knownKernels,
  knownRevisions,
  knownSnapshots,
  knownVms,
} from "./names/known-names.js";
export { loadVmConfig, showConfig, vmHome } from "./guest/vm-config.js";
export { runVm, vmScript, type VmRunEnds, type VmRunResult } from "./guest/vm-run.js";
export { exportScript, exportVm } from "./libvirt/export-vm.js";
export { tell, type Host } from "./host.js";
export { lineDisplay, noticeDisplay, terminalDisplay, type InstallDisplay } from "./install/display.js";
export { renderJson, renderJsonLine } from "./output/json.js";
export { openConsole, type ConsoleTarget } from "./output/console-file.js";
export { openOutputFile, type OutputFile } from "./output/output-file.js";
export { sourceCommit } from "./report/source-commit.js";
export { openReportFiles, type Report, type ReportFiles } from "./output/report-files.js";
export { describeCheck, describeMerge } from "./words/configuration-words.js";
export { describeInstallation } from "./words/installation-words.js";
export { describeKernel, describeModules } from "./words/kernel-words.js";
export { decodedLogData, decodeLog, type DecodedLog, type DecodedLogData } from "./report/decoded-log.js";
export type { FailureReport } from "./report/failure-report.js";
export { failureData, type FailureData } from "./report/failure-data.js";
export { taintNames, type Taint } from "./report/taint.js";
export { frameData, reportData, type FrameData, type ReportData } from "./report/report-data.js";
export { paintedLine } from "./words/painted-line.js";
export {
  describeFacts,
  describeFailure,
  describeReport,
  firstWords,
  reportLines,
  type ReportView,
  type ReportWords,
} from "./words/report-words.js";
export { processHost, type HostSettings } from "./process-host.js";
export type { NamedKernel } from "./kernel/built-kernel.js";
export { checkConfig, checkScript, mergeConfig, mergeScript } from "./kconfig/configuration.js";
export { fetchReleasedKernel, findKernel, reportModules } from "./kernel/find-kernel.js";
export {
  fetchScript,
  kernelScript,
  modulesScript,
  printingScript,
  type Printing,
} from "./kernel/kernel-scripts.js";
export { checkArch } from "./kernel/known-arch.js";
export { prepareKernel, type KernelUse, type PreparedKernel } from "./kernel/prepare-kernel.js";
export type { Mode } from "./mode.js";
export { nextStep } from "./next-step.js";
export { mergeWarnings, noticeText, remark, warning, warningText, type Notice } from "./notice.js";
export {
  describeOutcome,
  outcomeMeaning,
  outcomeVerdict,
  type OutcomeMeaning,
  type Verdict,
} from "./outcome.js";
export { isGuestPath } from "./request/guest-path.js";
export { complaintKinds, isComplaintKind } from "./request/complaint-kinds.js";
export { readRequest } from "./request/read-request.js";
export { requestError, type RequestFault } from "./request/request-error.js";
export type * from "./request/request.js";
export { consoleLogOf, openConsoleOf } from "./running/console.js";
export { guestEvents, waitForGuest, type NotedEvent } from "./running/events.js";
export { askQemu, pauseGuest, resumeGuest } from "./running/machine-control.js";
export { guestsToStop, stopGuests, type StoppedGuests } from "./running/stop.js";
export { dumpRunning, dumpScript } from "./running/dump.js";
export { gdbCommand } from "./running/gdb.js";
export { planCopy, type PlannedCopy } from "./reach/copy.js";
export { forwardPlan, forwardPorts, readForward } from "./reach/forward.js";
export { mountPlan } from "./reach/mount.js";
export { sshPlan } from "./reach/ssh-command.js";
export { sshConfig, sshConnection } from "./reach/ssh-config.js";
export { prepareExec, type PreparedExec } from "./reach/exec.js";
export { execInGuest } from "./reach/exec-run.js";
export { toldConsole } from "./install/told-console.js";
export { explainInstallation, installationScript, installVm } from "./install/installation.js";
export type { InstallWatch, VmInstallation } from "./install/install-vm.js";
export type { AskPassword } from "./install/unattended.js";
export { readSelftests, type SelftestChoice } from "./selftests/selftest-words.js";
export { installSelftests, lackingForSelftests } from "./selftests/selftests.js";
export type { InstalledSelftests, WantedSelftests } from "./selftests/install-selftests.js";
export { stopOnAbort } from "./guest/stop-on-abort.js";
export { copyKernel, imageSha256, resolveKernel, type KernelBuild, type KernelCopy } from "@vm/kernel-build";
export { kernelLookup } from "./kernel/kernel-lookup.js";
