import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { KernelBuild } from "@vm/kernel-build";
import { readRegularText } from "@vm/host-files";

/**
 * Where the .ko of a module could be, with its symbols: what the caller names first, then the kernel's own modules and what debug packages
 * have of them. The kernel writes `_` for each `-` of a file's name.
 *
 * @param places files, and directories that are looked into without going deeper
 */
export function moduleFiles(
  name: string,
  {
    build,
    places,
    debugRoot,
  }: { readonly build: KernelBuild; readonly places: readonly string[]; readonly debugRoot?: string },
): string[] {
  const isIt = (path: string): boolean => basename(path).replace(/\.ko$/, "").replaceAll("-", "_") === name;
  const named = places.flatMap(filesAt).filter((path) => path.endsWith(".ko") && isIt(path));
  return [...named, ...ownModules(build, isIt, debugRoot)].filter((path) => existsSync(path));
}

function filesAt(place: string): string[] {
  const found = statSync(place, { throwIfNoEntry: false });
  if (found?.isFile() === true) return [place];
  if (found?.isDirectory() !== true) return [];
  return readdirSync(place).map((entry) => join(place, entry));
}

function ownModules(build: KernelBuild, isIt: (path: string) => boolean, debugRoot?: string): string[] {
  const { tree, release } = build;
  if (tree === undefined) return [];
  if (build.kind === "build-tree") {
    return linesOf(join(tree, "modules.order"))
      .map((line) => line.replace(/\.k?o$/, ".ko"))
      .filter(isIt)
      .flatMap((path) => [join(tree, path), join(tree, path.replace(/^kernel\//, ""))]);
  }
  const root = build.kind === "installed" || build.kind === "unpacked" ? build.root : "/";
  return linesOf(join(tree, "modules.dep"))
    .map((line) => line.slice(0, line.indexOf(":")).replace(/\.(?:xz|zst|gz)$/, ""))
    .filter(isIt)
    .flatMap((path) => [
      ...[...new Set([...(debugRoot === undefined ? [] : [debugRoot]), root, "/"])].flatMap((top) => {
        const debug = join(top, "usr/lib/debug/lib/modules", release, path);
        return [debug, `${debug}.debug`];
      }),
      join(tree, path),
    ]);
}

function linesOf(path: string): string[] {
  return existsSync(path) ? readRegularText(path).split("\n") : [];
}
