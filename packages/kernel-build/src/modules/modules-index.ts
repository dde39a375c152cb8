import { realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { cacheRoom, fingerprint, makeCacheRoom } from "@vm/host-files";
import { markUsed, pruneIndexes, refreshStamp } from "./index-directory.js";
import type { FreshIndex } from "./index-freshness.js";
import { findFreshIndex } from "./index-freshness.js";
import { buildRunning, makeIndex } from "./index-making.js";
import type { IndexedModules } from "./index-source.js";
import { indexedModules } from "./index-source.js";
import type { Stamp } from "./index-stamp.js";
import type { BuildWarning, KernelBuild, LaidOutKernel } from "../kernel-build.js";

/** Where indexes are kept. */
export interface IndexOptions {
  /** vm's cache directory, absolute, outside every build tree. */
  readonly cacheDir: string;
  /** The depmod to run: a name to be looked up (also in /usr/sbin and /sbin), or a path. Default: `depmod`. */
  readonly depmod?: string;
}

/** The index of a build's modules, ready to be shared with the guest under the tag `modules-index`. */
export interface ModulesIndex {
  /** `fresh`: it was there and fits; `made`: it was made just now. */
  readonly state: "fresh" | "made";
  /** The directory to share. Its path stays the same for a tree; its content is replaced at once when the build changes. */
  readonly directory: string;
  /** The release that it was made for. */
  readonly release: string;
  /** How many modules are in it; 0 is a valid index, of a kernel that has everything built in. */
  readonly count: number;
  /** For example that some modules of modules.order are not built yet. */
  readonly warnings: readonly BuildWarning[];
}

/** No index can be offered; the guest makes one itself, or there is nothing to index. */
export interface NoModulesIndex {
  readonly state: "none";
  readonly problem: BuildWarning;
}

/** There is an index to be made: `ensureModulesIndex` would do it. */
export interface StaleModulesIndex {
  readonly state: "stale";
  /** Where it will be. */
  readonly directory: string;
}

type IndexedBuild = Pick<KernelBuild, "kind" | "tree" | "image" | "release" | "modules"> &
  Pick<LaidOutKernel, "package">;

const roomName = "modules-index";

/** The directory that is shared with the guest for these modules, whether it is there yet or not. Throws CACHE_UNTRUSTED. */
export function modulesIndexDirectory(build: { readonly tree: string }, { cacheDir }: IndexOptions): string {
  const tree = realpathSync(build.tree);
  return join(cacheRoom(cacheDir, roomName), `${basename(tree) || "root"}-${fingerprint(tree)}`);
}

/**
 * Looks whether the index fits the build, and changes nothing: what a dry run asks. At most 256 stats (one millisecond):
 * in a tree with more directories of modules, `ensureModulesIndex` sees more. Throws CACHE_UNTRUSTED.
 */
export function checkModulesIndex(
  build: IndexedBuild,
  options: IndexOptions,
): ModulesIndex | NoModulesIndex | StaleModulesIndex {
  const modules = modulesOf(build);
  if ("problem" in modules) return modules;
  const directory = modulesIndexDirectory(modules, options);
  const found = findFreshIndex(modules, directory, "quick");
  return found === null
    ? { state: "stale", directory }
    : indexOf({ state: "fresh", directory, stamp: found.stamp });
}

/**
 * Gives the index of a build's modules: the one in the cache when it fits, else made anew by the host's depmod. Safe with
 * two at once; the build tree is only read. Whatever is in the way is a `problem`, not an error: the kernel boots without.
 * Throws CACHE_UNTRUSTED.
 */
export async function ensureModulesIndex(
  build: IndexedBuild,
  options: IndexOptions,
): Promise<ModulesIndex | NoModulesIndex> {
  const modules = modulesOf(build);
  if ("problem" in modules) return modules;
  const directory = modulesIndexDirectory(modules, options);
  const found = findFreshIndex(modules, directory, "thorough");
  if (found !== null) {
    noteUse(directory, found);
    return indexOf({ state: "fresh", directory, stamp: found.stamp });
  }
  try {
    pruneIndexes(makeCacheRoom(options.cacheDir, roomName), directory);
    return await makeAndCheck(modules, { directory, depmod: options.depmod ?? "depmod" });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the index of the modules cannot be kept in ${options.cacheDir}, so the guest will make one itself, which is slow: ${reason}`;
    return {
      state: "none",
      problem: { code: "CACHE_UNUSABLE", message },
    };
  }
}

async function makeAndCheck(
  build: IndexedModules,
  where: { directory: string; depmod: string },
): Promise<ModulesIndex | NoModulesIndex> {
  // A build that goes on meanwhile, or another `vm` that was faster with an older state: look again, then give up.
  for (let attempt = 0; attempt < 3; attempt++) {
    const problem = await makeIndex(build, where);
    if (problem !== null) return { state: "none", problem };
    const made = findFreshIndex(build, where.directory, "thorough");
    if (made !== null) return indexOf({ state: "made", directory: where.directory, stamp: made.stamp });
  }
  return { state: "none", problem: buildRunning(build.tree) };
}

function noteUse(directory: string, { moved }: FreshIndex): void {
  try {
    if (moved !== undefined) refreshStamp(directory, moved);
    markUsed(directory);
  } catch {
    // A cache that is read-only now still holds a good index.
  }
}

function modulesOf(build: IndexedBuild): IndexedModules | NoModulesIndex {
  const { image, modules } = build;
  const source = indexedModules(build);
  const at = source?.tree ?? build.package ?? image;
  switch (modules) {
    case "built":
      if (source !== null) return source;
      return none({ code: "NO_MODULES", message: `no modules come with ${at}` });
    case "absent":
      return none({ code: "NO_MODULES", message: `no modules come with ${at}` });
    case "unsupported":
      return none({
        code: "NO_MODULES",
        message: `the kernel of ${at} takes no modules (CONFIG_MODULES is not set)`,
      });
    case "not-built":
      return none({
        code: "MODULES_NOT_BUILT",
        message: `the modules of ${at} are not built: there is no modules.order (building a single module removes it)`,
        hint: "Run `make modules` to the end.",
      });
    default:
      return modules satisfies never;
  }
}

function none(problem: BuildWarning): NoModulesIndex {
  return { state: "none", problem };
}

function indexOf({
  state,
  directory,
  stamp,
}: Pick<ModulesIndex, "state" | "directory"> & { stamp: Stamp }): ModulesIndex {
  const { release, count, missing } = stamp;
  const warnings: BuildWarning[] = [];
  if (missing.length > 0) {
    const message = `${missing.length} of ${count + missing.length} modules in modules.order are not built, for example ${missing[0]}`;
    warnings.push({ code: "MODULES_MISSING", message, hint: "Run `make modules` to the end." });
  }
  return { state, directory, release, count, warnings };
}
