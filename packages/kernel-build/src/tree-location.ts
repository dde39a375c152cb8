import { readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { nearestNames } from "./nearest-names.js";

/** Where names are looked up. */
export interface Lookup {
  /** The directory that relative paths are relative to. Absolute. */
  readonly cwd: string;
  /** Directories that hold build trees, in the order in which they are searched. Relative ones are relative to `cwd`. */
  readonly builds?: readonly string[];
}

/**
 * The directory that `what` means, absolute: a path when it holds a slash or exists in `cwd`, else the first
 * `builds/NAME` there is. Throws KERNEL_NOT_FOUND, KERNEL_IS_A_FILE or KERNEL_UNREADABLE.
 */
export function locateTree(what: string, { cwd, builds = [] }: Lookup): string {
  if (what === "")
    throw codedError("KERNEL_NOT_FOUND", "the kernel build is an empty name", { hint: wantsTree });
  const path = resolve(cwd, what);
  const kind = kindOf(path);
  if (kind === "directory") return path;
  if (kind === "file") throw fileError(path);
  if (what.includes("/") || what === "." || what === "..") {
    throw codedError("KERNEL_NOT_FOUND", `no kernel build at ${path}: there is no such directory`, {
      hint: wantsTree,
    });
  }
  for (const directory of builds) {
    const candidate = resolve(cwd, directory, what);
    const candidateKind = kindOf(candidate);
    if (candidateKind === "directory") return candidate;
    if (candidateKind === "file") throw fileError(candidate);
  }
  throw unknownName(what, { cwd, builds });
}

/** What a file's path means for the person who gave it: the nearest directory above it that holds a `.config`, or null. */
export function treeAbove(path: string): string | null {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    if (kindOf(join(directory, ".config")) === "file") return directory;
    if (directory === dirname(directory)) return null;
  }
}

/** What stands at a path. Throws KERNEL_UNREADABLE where nobody may look. */
export function kindOf(path: string): "directory" | "file" | "absent" {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return "absent";
    return found.isDirectory() ? "directory" : "file";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOTDIR") return "absent";
    const reason = error instanceof Error ? error.message : String(error);
    throw codedError("KERNEL_UNREADABLE", `${path} can not be looked at: ${reason}`, { cause: error });
  }
}

const wantsTree = "Name the directory in which `make` built the kernel: the source tree, or what O= named.";

function fileError(path: string): Error {
  const tree = treeAbove(path);
  return codedError("KERNEL_IS_A_FILE", `${path} is a file; a kernel is named by its build tree`, {
    hint: tree === null ? wantsTree : `It stands in the build tree ${tree}: name that.`,
  });
}

function unknownName(
  what: string,
  { cwd, builds }: { readonly cwd: string; readonly builds: readonly string[] },
): Error {
  const directories = builds.map((directory) => resolve(cwd, directory));
  const names = directories.flatMap(namesIn);
  const nearest = nearestNames(what, [...new Set(names)]);
  const places = [`not a path in ${cwd}`, ...directories.map((directory) => `not in ${directory}`)];
  return codedError("KERNEL_NOT_FOUND", `no kernel build "${what}": ${places.join(", ")}`, {
    hint: nearest.length > 0 ? `Did you mean ${nearest.join(" or ")}?` : wantsTree,
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => entry.name);
  } catch {
    // A builds directory that is not there offers no names; the error already says where was looked.
    return [];
  }
}
