export type { Architecture } from "./architecture.js";
export type { BuildWarning, KernelBuild, KernelOptions, ModulesState } from "./kernel-build.js";
export type { CheckOptions, Feature } from "./config-check.js";
export { checkConfig } from "./config-check.js";
export type { Lookup } from "./tree-location.js";
export { resolveKernel } from "./resolve-kernel.js";
