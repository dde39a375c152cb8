export type {
  ImageOption,
  JsonOption,
  JsonValue,
  Property,
  PropertyOption,
  QemuOption,
  SwitchOption,
  ValueOption,
} from "./option.js";
export type { QemuArgvError, QemuArgvErrorCode } from "./qemu-argv-error.js";
export { renderArgv, renderOption } from "./render-argv.js";
export { parseArgv, type ParseArgvSettings } from "./parse-argv.js";
export { flagSyntax, type FlagSyntax } from "./flag-syntax.js";
export { findUnknownFlags, type UnknownFlag } from "./unknown-flags.js";
export { findUnavailableFlags, type UnavailableFlag } from "./flag-availability.js";
export {
  findOption,
  findOptions,
  hasOption,
  matchesOption,
  optionId,
  optionProperty,
  type OptionSelector,
} from "./option-query.js";
export { appendOptions, mapOptions, removeOptions, replaceOption, setProperty } from "./option-edit.js";
export {
  requestedAccelerators,
  requestedBoot,
  requestedCpu,
  requestedProperty,
  type DirectBoot,
} from "./boot-query.js";
export {
  parseKernelCmdline,
  parseKernelParameters,
  renderKernelCmdline,
  type KernelCmdline,
} from "./kernel-cmdline.js";
export { checkKernelCmdlineLength, kernelCmdlineLimit } from "./kernel-cmdline-limit.js";
export {
  accelerator,
  append,
  cpu,
  device,
  display,
  initrd,
  kernel,
  machine,
  memory,
  object,
  smp,
  switchOption,
} from "./machine-options.js";
export { parseMemoryMiB, parseSize } from "./memory-size.js";
export { blockdev, drive, fileBlockdev, type Drive } from "./disk-options.js";
export { netdevUser, type HostForward, type NetdevUser } from "./network-options.js";
export { sharedMemory } from "./shared-memory.js";
export {
  virtfsShare,
  virtfsShareOn,
  virtiofsShare,
  type VirtfsShare,
  type VirtiofsShare,
} from "./share-options.js";
export {
  chardev,
  monitor,
  serial,
  virtioSerialBus,
  virtioSerialPort,
  type Chardev,
} from "./chardev-options.js";
export { rebasePaths } from "./path-rebase.js";
export type { ArchitectureFacts, Firmware, QemuPackages, VirtioBus } from "./architecture/facts.js";
export { architectures } from "./architecture/table.js";
export { architectureNamed, hasKvmFor, hostArchitecture, startsKernel } from "./architecture/lookup.js";
export { machineOf, missingMachine, virtioBusOf, virtioTransportOf } from "./architecture/machine.js";
