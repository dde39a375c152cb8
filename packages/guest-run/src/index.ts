export {
  chooseAccelerator,
  parseAcceleratorRequest,
  type AcceleratorChoice,
  type AcceleratorRequest,
} from "./accelerator/choice.js";
export { probeAccelerator, type AcceleratorFacts } from "./accelerator/facts.js";
export { readKvmTrial, tryKvm, type KvmTrial, type KvmTrialQuestion } from "./accelerator/kvm-trial.js";
export { acceleratorOptions } from "./accelerator/options.js";
export { resolveAccelerator, type ResolvedAccelerator } from "./accelerator/resolve.js";
export { foregroundStatus, type ForegroundEnd } from "./foreground/end.js";
export { runForeground, type ForegroundRun } from "./foreground/run.js";
export { launcherArgv } from "./foreground/launcher.js";
export type { StopSignal } from "./foreground/stop-signals.js";
export { findQemu, lacks9p } from "./qemu/find-qemu.js";
export { sandboxOptions } from "./qemu/sandbox.js";
export { networkHelper, qemuCommand } from "./qemu/qemu-command.js";
export { askQemuVersion, readQemuVersion } from "./qemu/version.js";
export { hostKernelOptions, kernelShares, type HostKernel } from "./disk/host-kernel.js";
export { isShareLost, removeShareDirectory, shareEnvironment } from "./share/directory.js";
export { hasDaemons, type HostShare, type OfferedShares, type ShareWay } from "./share/host-share.js";
export { checkExposed, type Privacy } from "./share/hidden-places.js";
export { findConfinement, type Confinement } from "./share/view.js";
export { withShares } from "./share/launcher.js";
export { findVirtiofsd, hasVirtiofsd, type Virtiofsd } from "./share/virtiofsd.js";
export { commandArgv, runCommand } from "./session/run-command.js";
export type { CommandControl, CommandGuest, CommandStreams, RunCommand } from "./session/run-request.js";
export { stepDriver, type StepDriver, type TimerEffect, type Transition } from "./session/step-driver.js";
export type { CommandDurations, CommandResult } from "./session/result.js";
export type { ComplaintKind } from "@vm/kernel-report";
export { complaintOutcome, isHang, statusOutcome } from "./session/verdict.js";
export { untoldComplaints } from "./session/untold-complaints.js";
export type { KernelComplaint, Outcome, StartFailure } from "./session/outcome.js";
export { checkTakenParameters, type ParameterReader } from "./protocol/taken-parameters.js";
export type { CommandUser } from "./protocol/request.js";
export { guestExitCodes, bisectExitCode, commandExitCode, type BisectCode } from "./session/exit-code.js";
export { outputLost } from "./session/output-sink.js";
export { guestEnvironment, type GuestSystem } from "./protocol/environment.js";
export type { EmbeddedGuest, EmbeddedKernel, GuestNetwork, Share } from "./embedded/guest.js";
export type { DiskGuest } from "./disk/guest.js";
export { commandReport, type CommandReport } from "./session/report.js";
export { gdbStubOptions, type GdbEndpoint, type GdbStub } from "./debug/gdb-stub.js";
export { gdbArgv, type GdbSession } from "./debug/gdb-command.js";
export { dumpNoteDevice, panicDevice } from "./debug/dump-devices.js";
export { checkDumpFile, dumpMemory } from "./debug/memory-dump.js";
export { panicParameters, watchPanic, type DumpOutcome } from "./debug/panic-watch.js";
export { openSocket, waitForSocket } from "./qmp/socket.js";
export { qmpSession, type Qmp, type QmpEvent } from "./qmp/session.js";
export { consoleLog, type ConsoleLog } from "./session/console-log.js";
export { qemuEnvironment } from "./qemu/environment.js";
export { checkRootPrograms } from "./embedded/root.js";
export { EXEC_PORT_ID, execDevices } from "./protocol/exec-port.js";
export { openExecPort } from "./exec/open-exec-port.js";
export { SSHD_CONFIG, type SshdKeys } from "./exec/sshd-line.js";
