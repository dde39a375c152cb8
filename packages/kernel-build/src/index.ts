export type { Architecture, ArchitectureFacts } from "@vm/architectures";
export type {
  BareImage,
  BuildTree,
  BuildWarning,
  KernelBuild,
  LaidOutKernel,
  ModulesState,
} from "./kernel-build.js";
export type { KernelOptions } from "./kernel-options.js";
export { architectureOf } from "./architecture.js";
export type { Driver, DriverOption, Transport } from "./needs/driver-options.js";
export {
  driverOptions,
  fileSystemOption,
  initramfsOptions,
  transportOptions,
} from "./needs/driver-options.js";
export type { Feature, Requirement, ShareKind } from "./needs/requirements.js";
export { allFeatures, requirementsOf, shareOptions } from "./needs/requirements.js";
export type { Start, UnmetRequirement } from "./needs/unmet-requirements.js";
export { embeddedCommand, unmetRequirements } from "./needs/unmet-requirements.js";
export { checkConfig, checkEmbedded } from "./needs/config-check.js";
export { wantedOptions } from "./needs/checked-options.js";
export { readOptions } from "./needs/config-file.js";
export { compareReleases } from "./release-order.js";
export type { ShareChoice, ShareQuestion, ShareRequest } from "./needs/share-choice.js";
export { chooseShare } from "./needs/share-choice.js";
export { checkBuild } from "./needs/build-check.js";
export type { Lookup } from "./lookup/kernel-location.js";
export { resolveKernel } from "./lookup/resolve-kernel.js";
export { isRevision, revisionName, revisionOf } from "./lookup/revision-name.js";
export type { ConfigLookup, FoundConfig } from "./lookup/kernel-config.js";
export { findConfig, resolveConfig } from "./lookup/kernel-config.js";
export type {
  IndexOptions,
  ModulesIndex,
  NoModulesIndex,
  StaleModulesIndex,
} from "./modules/modules-index.js";
export { checkModulesIndex, ensureModulesIndex, modulesIndexDirectory } from "./modules/modules-index.js";
export type { ModulesReport } from "./modules/modules-report.js";
export { modulesReport } from "./modules/modules-report.js";
export type { ImageContent } from "./image/image-content.js";
export { readImage } from "./image/image-content.js";
export { checkedRelease, isRelease } from "./release-name.js";
export type { ImageKind } from "./image/image-kind.js";
export { imageKind } from "./image/image-kind.js";
export { removalOfGitBuild } from "./git/git-build-removal.js";
export type { GitBuild, GitBuildRequest } from "./git/git-build.js";
export { buildGitRevision, configureGitRevision, gitBuildPlan } from "./git/git-build.js";
export { foreignPart } from "./tree/make.js";
export { unpackDebugPackage } from "./packages/debug-package.js";
export { findVmlinux, type Vmlinux } from "./tree/vmlinux.js";
export { namesPackages } from "./packages/named-packages.js";
export { crossCompile, installedCrossCompile } from "./tree/cross-compiler.js";
export { installedReleases } from "./lookup/installed-releases.js";
export { requireModules } from "./packages/lacking-modules.js";
export { type FetchedKernel, fetchKernel, type FetchRequest } from "./debian/fetched-kernel.js";
export { copyKernel, imageSha256, type KernelCopy } from "./copy/kernel-copy.js";
