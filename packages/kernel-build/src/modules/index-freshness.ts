import { realpathSync } from "node:fs";
import { join } from "node:path";
import { readableText } from "@vm/host-files";
import type { Stamp } from "./index-stamp.js";
import { isSettled, linesHold, readLines, readStamp, takeAgain, topFiles } from "./index-stamp.js";
import type { IndexedModules } from "./index-source.js";
import { installedTopFiles } from "./installed-modules.js";
import { moduleExists } from "./module-files.js";
import { parseModulesOrder, renderInstalledOrder } from "./modules-order.js";

/** An index that fits its build. */
export interface FreshIndex {
  readonly stamp: Stamp;
  /** The stamp to keep from now on: times changed, but nothing that is in the index did. */
  readonly moved?: Stamp;
}

/**
 * How much of the tree is looked at. `thorough`: all that its stamp names. `quick`: of a tree with very many directories of modules only
 * the files at the top, all of which a `make` at the top renews; what `make M=DIR` or a person copied is not seen then.
 */
export type CheckDepth = "quick" | "thorough";

// A stat takes 3 to 4 µs: this many are a millisecond.
const manyLines = 256;

/** The index in `directory` when it fits the build as it stands now, else null. Reads only. */
export function findFreshIndex(
  build: IndexedModules,
  directory: string,
  depth: CheckDepth,
): FreshIndex | null {
  const current = join(directory, "current");
  const stamp = readStamp(join(current, "stamp"));
  const tree = realpathSync(build.tree);
  if (stamp === null || stamp.release !== build.release || stamp.tree !== tree) return null;
  const installed = build.layout === "installed";
  const shallow = depth === "quick" && stamp.quick.length > manyLines;
  const top = (installed ? installedTopFiles : topFiles).length;
  if (linesHold(tree, shallow ? stamp.quick.slice(0, top) : stamp.quick)) return { stamp };
  // Nobody builds there: what changed was installed.
  if (installed) return null;
  // The new lines come first: a module that changes while the others are looked at changes its directory's line again.
  const quick = takeAgain(tree, stamp.quick);
  const settled = isSettled(quick);
  if (!sourcesAreSame(tree, current)) return null;
  const full = readLines(join(current, "stamp-files"));
  if (full.length !== stamp.count || !linesHold(tree, full)) return null;
  if (stamp.missing.some((module) => moduleExists(tree, module))) return null;
  return settled ? { stamp, moved: { ...stamp, quick } } : { stamp };
}

/** Whether the tree still lists the modules that are in the index: a new vmlinux renews these files, often with the same content. */
function sourcesAreSame(tree: string, current: string): boolean {
  const order = parseModulesOrder(text(join(tree, "modules.order")), (module) => moduleExists(tree, module));
  return (
    renderInstalledOrder(order) === text(join(current, "modules.order")) &&
    ["modules.builtin", "modules.builtin.modinfo"].every(
      (name) => text(join(tree, name)) === text(join(current, name)),
    )
  );
}

function text(file: string): string {
  return readableText(file, { encoding: "latin1" }) ?? "";
}
