export type { Architecture, ArchitectureFacts } from "./architecture.js";
export type {
  BareImage,
  BuildTree,
  BuildWarning,
  KernelBuild,
  LaidOutKernel,
  KernelOptions,
  ModulesState,
} from "./kernel-build.js";
export { architectureOf } from "./architecture.js";
export type { CheckOptions, Feature, Requirement, ShareWay } from "./needs/config-check.js";
export { allFeatures, checkConfig, requirementsOf, shareOptions } from "./needs/config-check.js";
export type { ShareChoice, ShareQuestion, ShareRequest } from "./needs/share-choice.js";
export { chooseShare } from "./needs/share-choice.js";
export { checkBuild } from "./needs/build-check.js";
export type { Lookup } from "./lookup/kernel-location.js";
export { outputOf, resolveKernel } from "./lookup/resolve-kernel.js";
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
export { bzImageRelease, readImage } from "./image/image-content.js";
export { imageLimit, maxConfigBytes } from "./image/decompression.js";
export { checkedRelease, isRelease } from "./release-name.js";
export type { ImageKind } from "./image/image-kind.js";
export { imageKind } from "./image/image-kind.js";
export type { GitBuild, GitBuildRequest } from "./git/git-build.js";
export { buildGitRevision, configureGitRevision, gitBuildPlan } from "./git/git-build.js";
export { findVmlinux, type Vmlinux } from "./tree/vmlinux.js";
export { namesPackages } from "./packages/named-packages.js";
export { crossCompile, installedCrossCompile } from "./tree/cross-compiler.js";
export { requireModules } from "./packages/lacking-modules.js";
export { type FetchedKernel, fetchKernel, type FetchRequest } from "./debian/fetched-kernel.js";
