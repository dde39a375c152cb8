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
export type { CheckOptions, Feature, Requirement, ShareWay } from "./config-check.js";
export { allFeatures, checkConfig, requirementsOf, shareOptions } from "./config-check.js";
export type { ShareChoice, ShareQuestion, ShareRequest } from "./share-choice.js";
export { chooseShare } from "./share-choice.js";
export { checkBuild } from "./build-check.js";
export type { Lookup } from "./kernel-location.js";
export { outputOf, resolveKernel } from "./resolve-kernel.js";
export type { IndexOptions, ModulesIndex, NoModulesIndex, StaleModulesIndex } from "./modules-index.js";
export { checkModulesIndex, ensureModulesIndex, modulesIndexDirectory } from "./modules-index.js";
export type { ModulesReport } from "./modules-report.js";
export { modulesReport } from "./modules-report.js";
export type { ImageContent } from "./image-content.js";
export { bzImageRelease, readImage } from "./image-content.js";
export { imageLimit, maxConfigBytes } from "./decompression.js";
export { checkedRelease, isRelease } from "./release-name.js";
export type { ImageKind } from "./image-kind.js";
export { imageKind } from "./image-kind.js";
export type { GitBuild, GitBuildRequest } from "./git-build.js";
export { buildGitRevision, configureGitRevision, gitBuildPlan } from "./git-build.js";
export { findVmlinux, type Vmlinux } from "./vmlinux.js";
export { namesPackages } from "./packages/named-packages.js";
export { crossCompile, installedCrossCompile } from "./cross-compiler.js";
export { requireModules } from "./packages/lacking-modules.js";
export { type FetchedKernel, fetchKernel, type FetchRequest } from "./debian/fetched-kernel.js";
