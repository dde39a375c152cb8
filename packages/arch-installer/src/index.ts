export type {
  BootLoader,
  FileSystem,
  Firmware,
  Installation,
  LocalPackage,
  PartitionTable,
  RootPassword,
} from "./installation.js";
export { INSTALL_OPTIONS } from "./install-option.js";
export type { InstallOption } from "./install-option.js";
export type { InstallArguments, InstallOptions } from "./install-options.js";
export { installFlags, type InstallFlag } from "./install-flags.js";
export { readSshKeys } from "./option-file.js";
export { parseProgress, PROGRESS_MARK } from "./progress.js";
export type { Progress } from "./progress.js";
export { readInstallation } from "./read-installation.js";
export { renderScript } from "./script.js";
export { installProgram, type InstallProgram } from "./program.js";
