import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readRegularText } from "@vm/host-files";
import { takeAgain } from "./index-stamp.js";

/** What is in an installed directory of modules, and the stamps by which a change of it is seen. */
export interface InstalledModules {
  /** Whether a complete index came with it. */
  readonly isIndexed: boolean;
  /** The `modules.*` files to start from: of a complete index all, else those that depmod reads. */
  readonly indexFiles: readonly string[];
  /** Directories at the top that may hold modules: `kernel`, `updates`. */
  readonly directories: readonly string[];
  readonly count: number;
  readonly quick: readonly string[];
  readonly full: readonly string[];
}

/** Files at the top that tell of another installation or another run of depmod. */
export const installedTopFiles: readonly string[] = [
  "modules.order",
  "modules.dep",
  "modules.dep.bin",
  "modules.builtin",
  "modules.builtin.modinfo",
];

/** Looks at `tree`; `needed` are the files that make an index complete. */
export function lookAtInstalled(tree: string, needed: readonly string[]): InstalledModules {
  const entries = readdirSync(tree, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const directories = entries
    .filter((entry) => entry.isDirectory() && !foreign.has(entry.name))
    .map(({ name }) => name);
  const dep = names.includes("modules.dep")
    ? readRegularText(join(tree, "modules.dep"), { encoding: "latin1" })
    : "";
  const isIndexed =
    dep !== "" &&
    needed.every((name) => (statSync(join(tree, name), { throwIfNoEntry: false })?.size ?? 0) > 0);
  if (isIndexed) {
    return {
      isIndexed,
      indexFiles: names.filter((name) => name.startsWith("modules.")),
      directories,
      count: dep.split("\n").length - 1,
      quick: stamps(tree, installedTopFiles),
      full: [],
    };
  }
  const found = { modules: [] as string[], visited: ["."] };
  for (const directory of directories) walk(tree, directory, found);
  return {
    isIndexed,
    indexFiles: ["modules.order", "modules.builtin", "modules.builtin.modinfo"].filter((name) =>
      names.includes(name),
    ),
    directories,
    count: found.modules.length,
    quick: stamps(tree, [...installedTopFiles, ...found.visited]),
    full: [],
  };
}

// Links to the headers, or headers themselves, and what Fedora and Arch put beside the modules.
const foreign = new Set(["build", "source", "vdso", "systemtap"]);

function walk(
  tree: string,
  directory: string,
  found: { readonly modules: string[]; readonly visited: string[] },
): void {
  found.visited.push(directory);
  for (const entry of readdirSync(join(tree, directory), { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) walk(tree, path, found);
    else if (/\.ko(?:\.(?:gz|xz|zst))?$/.test(entry.name)) found.modules.push(path);
  }
}

/** Each path with the time that it has now, as a stamp's lines. */
function stamps(tree: string, paths: readonly string[]): string[] {
  return takeAgain(
    tree,
    paths.map((path) => `\t${path}`),
  );
}
