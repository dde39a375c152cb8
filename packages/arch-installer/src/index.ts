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
export { addInstallOptions, installFlags, type InstallFlag } from "./option-host.js";
export { readSshKeys } from "./option-file.js";
export { parseProgress, PROGRESS_MARK } from "./progress.js";
export type { Progress } from "./progress.js";
export { readInstallation } from "./read-installation.js";
export { renderScript } from "./script.js";
export { defineProgram } from "./program.js";
