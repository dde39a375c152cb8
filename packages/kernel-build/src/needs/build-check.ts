import { checkConfig } from "./config-check.js";
import type { BuildWarning, KernelBuild } from "../kernel-build.js";
import type { Feature } from "./requirements.js";
import type { Start } from "./unmet-requirements.js";

/**
 * `checkConfig` for whatever `-k` names: silent on a kernel whose configuration nobody has, and on the modules of one that
 * comes without. A signature is missing only on modules that were just built: those that are installed have it.
 */
export function checkBuild(
  build: Pick<KernelBuild, "kind" | "arch" | "modules" | "options" | "release" | "configFile">,
  features: readonly Feature[],
  start: Start = {},
): BuildWarning[] {
  if (build.configFile === undefined) return [];
  const asked = build.modules === "absent" ? features.filter((feature) => feature !== "modules") : features;
  const found = checkConfig(build, asked, start);
  return build.kind === "build-tree"
    ? found
    : found.filter(({ code }) => code !== "MODULE_SIGNATURES_FORCED");
}
