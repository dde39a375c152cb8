import { errorCode } from "@vm/command-plan";
import {
  lstatSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  daysUnused,
  keptDays,
  noteUse,
  randomName,
  readRegularText,
  removeStale,
  makeDirectory,
} from "@vm/host-files";
import type { Stamp } from "./index-stamp.js";
import { renderStamp } from "./index-stamp.js";

/*
 * The directory of an index, which QEMU holds open for as long as a guest runs:
 *
 *     gen-5f0c2a9b1d3e/     the files of one index, never changed once it is in place
 *     current              -> gen-5f0c2a9b1d3e
 *     modules.dep          -> current/modules.dep, and so on for each file of the contract
 *     release              -> current/release, and `layout` where there is one
 *     tree                 the path of the build tree, or of the directory of modules; its time is that of the last use
 *
 * One rename, of `current`, replaces all files at once, for guests that are running too.
 */

/** Puts a finished directory of index files in place as the current one. */
export function publish({ made, directory, tree }: { made: string; directory: string; tree: string }): void {
  makeDirectory(directory);
  const id = randomName();
  const generation = `gen-${id}`;
  renameSync(made, join(directory, generation));
  const previous = currentGeneration(directory);
  symlinkSync(generation, join(directory, `.current-${id}`));
  renameSync(join(directory, `.current-${id}`), join(directory, "current"));
  const shown = readdirSync(join(directory, generation)).filter(isShown);
  linkFiles(directory, shown);
  writeFileSync(join(directory, "tree"), `${tree}\n`);
  removeOldGenerations(directory, [generation, previous]);
}

/**
 * Keeps a newer stamp for the current index, and lets `release` say that it is as new as the tree's Module.symvers:
 * a guest that reloads compares the two.
 */
export function refreshStamp(directory: string, stamp: Stamp): void {
  const current = join(directory, currentGeneration(directory) ?? "current");
  const draft = join(current, `.stamp-${randomName()}`);
  writeFileSync(draft, renderStamp(stamp));
  renameSync(draft, join(current, "stamp"));
  const now = Date.now() / 1000;
  utimesSync(join(current, "release"), now, now);
}

/** Notes that an index was used: what nobody used for long is pruned. */
export function markUsed(directory: string): void {
  noteUse(join(directory, "tree"));
}

/** Removes indexes whose tree is gone or that nobody used for 60 days. `kept` stays. */
export function pruneIndexes(root: string, kept: string): void {
  removeStale(root, (path) => path !== kept && isUnused(path));
}

function isUnused(directory: string): boolean {
  // One that is being put in place has no file yet that could tell.
  if (daysUnused(directory) < 1) return false;
  try {
    const file = join(directory, "tree");
    const tree = readRegularText(file).trimEnd();
    return daysUnused(file) > 2 * keptDays || statSync(tree, { throwIfNoEntry: false }) === undefined;
  } catch {
    // No file `tree`, or a tree that may not be looked at now: not ours to judge.
    return false;
  }
}

function currentGeneration(directory: string): string | null {
  try {
    return readlinkSync(join(directory, "current"));
  } catch {
    return null;
  }
}

/** The files of the contract; what begins with `stamp` is the host's. */
function isShown(name: string): boolean {
  return name === "release" || name === "layout" || name.startsWith("modules.");
}

function linkFiles(directory: string, names: readonly string[]): void {
  const there = new Set(namesIn(directory));
  for (const name of names) {
    if (there.has(name)) continue;
    try {
      symlinkSync(`current/${name}`, join(directory, name));
    } catch (error) {
      // Another `vm` made the very same link between the look and now.
      if (errorCode(error) !== "EEXIST") throw error;
    }
  }
  // A file that another version of depmod wrote once would be a link to nothing.
  for (const name of there) {
    if (isShown(name) && !names.includes(name)) unlinkSync(join(directory, name));
  }
}

/** Leaves the newest two (someone may be reading the older one), and what another `vm` has just put there. */
function removeOldGenerations(directory: string, kept: readonly (string | null)[]): void {
  for (const name of namesIn(directory)) {
    // A link to the current one that was never put in place was left by one that was killed.
    if (!/^(?:gen|\.current)-/.test(name) || kept.includes(name)) continue;
    const path = join(directory, name);
    const age = Date.now() - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > 60_000) rmSync(path, { recursive: true, force: true });
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
