import { readdirSync, statSync, type Stats } from "node:fs";
import { release as hostRelease } from "node:os";
import { dirname, join, resolve } from "node:path";
import { codedError, errorCode } from "@vm/command-plan";
import { installedReleases, isInstalled } from "./installed-releases.js";
import type { BuildWarning } from "../kernel-build.js";
import { nearestNames } from "@vm/command-plan";
import { joinedFiles } from "../packages/package-words.js";

/** Where names are looked up, and where what `-k` names is unpacked. */
export interface Lookup {
  /** The directory that relative paths are relative to. Absolute. */
  readonly cwd: string;
  /** Directories that hold build trees, in the order in which they are searched. Relative ones are relative to `cwd`. */
  readonly builds?: readonly string[];
  /** vm's cache directory, absolute: packages and images that QEMU does not read are unpacked there. Without it they are refused. */
  readonly cacheDir?: string;
  /** The variable of that name, as make has it: where the builds of a source tree are. */
  readonly kbuildOutput?: string;
  /** `now` (default): unpacks what is not in the cache yet. `never`: throws KERNEL_NOT_PREPARED instead, as for a dry run. */
  readonly prepare?: "now" | "never";
  /** Whether the Makefile of a build tree may be run, beside that no other user can write to it. Default: it may. */
  readonly mayMake?: ((tree: string) => boolean) | undefined;
  /** Is told, in one sentence, before something that takes seconds. */
  readonly onWait?: (message: string) => void;
  /** Is told, in one sentence, what else was taken than what was named: the other packages of a kernel. */
  readonly onNotice?: (message: string) => void;
  /** Stops an unpacking; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** The directory that stands for `/` when an installed release is looked up; for tests. */
  readonly hostRoot?: string;
}

/** What a name means: a directory or a file, absolute; several packages of one kernel; or a release that is installed on this host. */
export type Location =
  | {
      readonly kind: "directory" | "file";
      readonly path: string;
      readonly warnings: readonly BuildWarning[];
    }
  | {
      readonly kind: "packages";
      readonly files: readonly string[];
      readonly warnings: readonly BuildWarning[];
    }
  | {
      readonly kind: "release";
      readonly release: string;
      readonly warnings: readonly BuildWarning[];
    };

/**
 * Finds what `what` means, in this order: a path, when it holds a slash or exists in `cwd`; packages, `A.deb+B.deb`; `builds/NAME`; `host`, the
 * release that runs here; an installed release. Says so when a name with no slash would have meant something else too.
 * Throws KERNEL_NOT_FOUND or KERNEL_UNREADABLE.
 */
export function locateKernel(what: string, lookup: Lookup): Location {
  const { cwd, builds = [] } = lookup;
  if (what === "")
    throw codedError("KERNEL_NOT_FOUND", "the kernel build is an empty name", { hint: wantsKernel });
  const path = resolve(cwd, what);
  const kind = kindOf(path);
  const isPath = what.includes("/") || what === "." || what === "..";
  if (kind !== "absent") return { kind, path, warnings: isPath ? [] : ambiguity(what, path, lookup) };
  const files = joinedFiles(what, cwd);
  if (files !== null) return { kind: "packages", files, warnings: [] };
  if (isPath) {
    throw codedError("KERNEL_NOT_FOUND", `no kernel at ${path}: there is no such directory or file`, {
      hint: wantsKernel,
    });
  }
  for (const directory of builds) {
    const candidate = resolve(cwd, directory, what);
    const candidateKind = kindOf(candidate);
    if (candidateKind !== "absent")
      return { kind: candidateKind, path: candidate, warnings: ambiguity(what, candidate, lookup) };
  }
  const release = what === "host" ? hostRelease() : what;
  if (isInstalled(release, lookup.hostRoot)) return { kind: "release", release, warnings: [] };
  throw unknownName(what, lookup);
}

/** A warning when a name means `chosen`, and something that comes after it in the order as well. */
function ambiguity(what: string, chosen: string, { cwd, builds = [], hostRoot }: Lookup): BuildWarning[] {
  const others = builds.map((directory) => resolve(cwd, directory, what));
  const later = others.slice(others.indexOf(chosen) + 1).find((path) => kindOf(path) !== "absent");
  const looksInstalled = what === "host" || /^\d+\.\d/.test(what);
  const other =
    later ??
    (looksInstalled && isInstalled(what === "host" ? hostRelease() : what, hostRoot)
      ? `the ${what === "host" ? "kernel that runs here" : "installed release"}`
      : undefined);
  if (other === undefined) return [];
  const message = `"${what}" is taken as ${chosen}, and not as ${other}`;
  return [
    { code: "KERNEL_NAME_AMBIGUOUS", message, hint: "A path with a slash in it, such as ./NAME, is clear." },
  ];
}

/** What a file's path means for the person who gave it: the nearest directory above it that holds a `.config`, or null. */
export function treeAbove(path: string): string | null {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    if (kindOf(join(directory, ".config")) === "file") return directory;
    if (directory === dirname(directory)) return null;
  }
}

/** What stands at a path. Throws KERNEL_UNREADABLE where nobody may look, and for what is neither file nor directory. */
export function kindOf(path: string): "directory" | "file" | "absent" {
  const found = look(path);
  if (found === undefined) return "absent";
  if (found.isDirectory()) return "directory";
  if (found.isFile()) return "file";
  // Opening a FIFO waits for its writer, for ever.
  throw codedError("KERNEL_UNREADABLE", `${path} is neither a file nor a directory`, { hint: wantsKernel });
}

function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOTDIR") return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw codedError("KERNEL_UNREADABLE", `${path} cannot be looked at: ${reason}`, { cause: error });
  }
}

const wantsKernel =
  "Name the directory in which `make` built the kernel (the source tree, or what O= named), an image, a package, or an installed release.";

function unknownName(what: string, { cwd, builds = [], hostRoot }: Lookup): Error {
  const directories = builds.map((directory) => resolve(cwd, directory));
  if (what === "host") {
    return codedError(
      "KERNEL_NOT_FOUND",
      `the kernel that runs here, ${hostRelease()}, is not installed: it has no image in /boot or /lib/modules`,
      { hint: wantsKernel },
    );
  }
  if (what.startsWith("debian:")) {
    return codedError("KERNEL_NOT_FOUND", `${what} is no kernel that is here`, {
      hint: `\`vm kernel --fetch ${what}\` downloads it, and prints what -k takes.`,
    });
  }
  const names = [...directories.flatMap(namesIn), ...installedReleases(hostRoot)];
  const nearest = nearestNames(what, [...new Set(names)]);
  const places = [
    `not a path in ${cwd}`,
    ...directories.map((directory) => `not in ${directory}`),
    "not an installed release",
  ];
  return codedError("KERNEL_NOT_FOUND", `no kernel build "${what}": ${places.join(", ")}`, {
    hint: nearest.length > 0 ? `Did you mean ${nearest.join(" or ")}?` : wantsKernel,
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
