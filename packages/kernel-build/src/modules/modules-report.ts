import { checkBuild } from "../needs/build-check.js";
import type { BuildWarning, KernelBuild, ModulesState } from "../kernel-build.js";
import type { IndexOptions } from "./modules-index.js";
import { ensureModulesIndex } from "./modules-index.js";

/** What `vm modules KERNEL` prints, and with `--json` the document itself. */
export interface ModulesReport {
  /** The build tree, or the directory lib/modules/RELEASE; null where no modules come with the kernel. */
  readonly tree: string | null;
  readonly release: string;
  readonly arch: string;
  readonly modules: ModulesState;
  /** How many modules the index holds; null without an index. */
  readonly count: number | null;
  /** The directory that the guest gets as `modules-index`; null without an index. */
  readonly index: string | null;
  /** `fresh`: it was there; `made`: just now; `none`: see the problems. */
  readonly state: "fresh" | "made" | "none";
  /** All that is wrong with the modules of this build, the worst first; empty when they will just load. */
  readonly problems: readonly BuildWarning[];
}

/** Makes sure of the index, and reports on it. */
export async function modulesReport(build: KernelBuild, options: IndexOptions): Promise<ModulesReport> {
  const { tree = null, release, arch, modules } = build;
  const found = await ensureModulesIndex(build, options);
  const own = found.state === "none" ? [found.problem] : found.warnings;
  const others = [...build.warnings, ...checkBuild(build, ["modules"])];
  const problems = [...own, ...others.filter(({ code }) => !own.some((problem) => problem.code === code))];
  const index =
    found.state === "none" ? { count: null, index: null } : { count: found.count, index: found.directory };
  return { tree, release, arch, modules, ...index, state: found.state, problems };
}
