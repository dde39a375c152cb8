import { lstatSync } from "node:fs";
import { join } from "node:path";
import { compareReleases } from "@vm/kernel-build";
import { isDirectory } from "@vm/host-files";
import type { Mount } from "../share/mount-table.js";
import { NEW_ROOT } from "./new-root.js";
import { fileInRoot, linkFreePath } from "./root-program.js";

/** Where programs make files with no name (O_TMPFILE), unless they are told another place. */
const PLACES = ["/tmp", "/var/tmp"];

/** The first release whose overlays can (ovl_tmpfile() of fs/overlayfs/dir.c). */
const RELEASE_THAT_CAN = "6.3";

/** In the guest: what these directories are beside what covers them. */
const SHOWN_AT = "/run/vm-host";

function lacksUnnamedFiles(release: string | undefined): boolean {
  return release !== undefined && compareReleases(release, RELEASE_THAT_CAN) < 0;
}

/** A directory for temporary files that gets a file system of its own. */
export interface TemporaryDirectory {
  readonly path: string;
  /** The names of those directories in it that have to be at their place: a link would not do. */
  readonly mounted: readonly string[];
}

/**
 * The directories of the root in which an overlay of this kernel refuses O_TMPFILE. Of a kernel whose release nobody knows: none. Reads the
 * root's own. `named`: texts that name paths: a directory that one of them names is mounted.
 */
export function temporaryDirectories(
  root: string,
  { release, named }: { readonly release: string | undefined; readonly named: readonly string[] },
): TemporaryDirectory[] {
  if (!lacksUnnamedFiles(release)) return [];
  return PLACES.flatMap((place) => {
    const directory = fileInRoot(root, place);
    // Where one is a link to the other, that one is enough.
    if (directory === undefined || !isDirectory(directory) || linkFreePath(root, place) !== place) return [];
    const mounted = [...new Set(named.flatMap((text) => namesIn(text, place)))].toSorted();
    return [{ path: place, mounted: mounted.filter((name) => isPlainDirectory(join(directory, name))) }];
  });
}

/** What stands directly below a directory in a text: of `cd /tmp/a/b; ls /tmp/c` it is a and c. */
function namesIn(text: string, directory: string): string[] {
  return text
    .split(`${directory}/`)
    .slice(1)
    .flatMap((rest) => /^[^/\s'"`;&|<>()]+/.exec(rest)?.[0] ?? [])
    .filter((name) => name !== "." && name !== "..");
}

/**
 * Each becomes a tmpfs, in which the directories that are named are mounted. To all else in it there are links, by `temporaryLinks`: thousands of
 * mounts would take minutes. What is removed from the host meanwhile is an empty directory.
 */
export function temporaryMounts(temporary: readonly TemporaryDirectory[]): Mount[] {
  return temporary.flatMap(({ path, mounted }) => {
    const shown = NEW_ROOT + SHOWN_AT + path;
    return [
      bind(NEW_ROOT + path, shown, ""),
      { source: "tmpfs", target: NEW_ROOT + path, type: "tmpfs", options: "mode=1777" },
      ...mounted.map((name) => bind(`${shown}/${name}`, `${NEW_ROOT + path}/${name}`, "nofail,")),
    ];
  });
}

/**
 * Shell text for the guest's first shell, whose `/..` is the guest's root: links to all that is not mounted; where a directory is already ln says
 * so, and goes on. `-P`: a shell takes `/..` for `/`. The links are relative, as no other path holds in both roots.
 */
export function temporaryLinks(temporary: readonly TemporaryDirectory[]): string {
  return temporary
    .map(({ path }) => {
      const up = path.replace(/[^/]+/g, "..").slice(1);
      const at = `${up}${SHOWN_AT}${path}`;
      const links = ["*", ".[!.]*", "..?*"].map((pattern) => `vm_link ${at}/${pattern}`).join("; ");
      return `(cd -P ${NEW_ROOT}${path} && { ${links}; }) 2>/dev/null`;
    })
    .join("\n")
    .replace(/^(?=.)/, 'vm_link() { { [ -e "$1" ] || [ -L "$1" ]; } && ln -s -- "$@" .; }\n');
}

function bind(source: string, target: string, more: string): Mount {
  return { source, target, type: "none", options: `rbind,${more}X-mount.mkdir` };
}

function isPlainDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
