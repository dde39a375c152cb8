import { join } from "node:path";
import { isFile } from "@vm/host-files";

/** The modules of a build, as they stand in the tree. Paths are relative to it. */
export interface ModuleFiles {
  /** The files, compressed ones with their full name (`fs/x.ko.zst`), in the order of modules.order. */
  readonly files: readonly string[];
  /** Listed in modules.order, but not there: the build is not finished. */
  readonly missing: readonly string[];
}

/** Finds the file of each module: `x.ko`, or compressed. */
export function findModuleFiles(tree: string, modules: readonly string[]): ModuleFiles {
  const files: string[] = [];
  const missing: string[] = [];
  for (const module of modules) {
    const suffix = suffixes.find((end) => isFile(join(tree, `${module}${end}`)));
    if (suffix === undefined) missing.push(module);
    else files.push(`${module}${suffix}`);
  }
  return { files, missing };
}

/** Whether a module of modules.order stands in the tree, in any form. */
export function moduleExists(tree: string, module: string): boolean {
  return suffixes.some((end) => isFile(join(tree, `${module}${end}`)));
}

// The extensions that kmod knows.
const suffixes = ["", ".gz", ".xz", ".zst"] as const;
