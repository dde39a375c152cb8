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
export type { StopSignal } from "./foreground/stop-signals.js";
export { findQemu } from "./qemu/find-qemu.js";
export { hostKernelOptions, type HostKernel } from "./machine/host-kernel.js";
