export type { VmConfig } from "./config.js";
export type { CreationPlan, NewVm, RootImage } from "./create-plan.js";
export type { Environment, UserConfig } from "./user-config.js";
export type { LockHolder, LockState, VmLock } from "./lock.js";
export type { RunDebug } from "./run-debug.js";
export { isBlankDisk } from "./blank-disk.js";
export { CONFIG_FILE, loadConfig } from "./config.js";
export { beginCreation, createVm, refuseSecond } from "./create.js";
export { checkConfigFile, lockConfig, planConfigText, readConfigText } from "./config-change.js";
export { optionWords, withMoreOptions, withOption, withoutOptions, type OptionWords } from "./config-edit.js";
export { diskOptions } from "./config-template.js";
export { createImage, NEW_VM_DEFAULTS, planCreate, planCreation } from "./create-plan.js";
export { lockVm, readVmLock } from "./lock.js";
export { checkCpus, checkDiskSize, checkMemory } from "./machine-size.js";
export { identityOf, livenessOf, ownIdentity, type ProcessIdentity } from "./process-identity.js";
export { INSTALL_DIRECTORY, moreDisk, ROOT_DISK, temporaryName } from "./temporary-directory.js";
export { readTreeConfig, type TreeConfig } from "./tree-config.js";
export { type RunDefaults, settingsSchema } from "./settings.js";
export { readUserConfig, resolveVmHome, userConfigFile } from "./user-config.js";
export {
  summarizeConfig,
  summarizeHome,
  vmDisks,
  vmNames,
  type HomeSummary,
  type VmDisk,
  type VmSummary,
} from "./listing/vm-summary.js";
export type { SurveyedLock } from "./listing/lock-survey.js";
export { listVms } from "./vm-list.js";
export { draftName, removeDeadDrafts } from "./draft.js";
export { readImageHeader, type ImageHeader } from "./image/image-header.js";
export { readSnapshotNames } from "./image/snapshot-names.js";
export { findLinked } from "./image/linked-images.js";
export { configImages, type ConfigImage } from "./image/named-image.js";
export { checkVmName } from "./vm-name.js";
export { entryName, openGuestEntry, type GuestEntry, type NewGuest } from "./running/guest-entry.js";
export type { GuestRecord, GuestSocket } from "./running/guest-record.js";
export { findRunningGuest, listRunningGuests, type RunningGuest } from "./running/running-guests.js";
export { makeRuntimeDirectory, runtimeDirectories } from "./running/runtime-directory.js";
