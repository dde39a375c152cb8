import { join } from "node:path";
import { codedError, errorCode } from "@vm/command-plan";
import { readRegularText } from "@vm/host-files";

/**
 * What depmod and the kernel's build say about the modules, by their names in the kernel's form, with `_` for `-`.
 * Asked, not listed: of the 4,000 modules and 15,000 aliases of a distribution's kernel a boot wants a dozen.
 */
export interface ModuleIndex {
  isBuiltIn(name: string): boolean;
  /** The module that is a file; undefined where there is none of that name. */
  find(name: string): IndexedModule | undefined;
  /** What modprobe would load before and after this module, where it can. Names are of modules, or aliases. */
  softDependencies(name: string): SoftDependencies;
  /** The modules that a name means: the one that is called so, or those that have it as an alias. */
  resolve(name: string): readonly string[];
}

export interface IndexedModule {
  /** As in modules.dep: `kernel/fs/9p/9p.ko.xz`. */
  readonly path: string;
  /** Names of the modules that must be loaded before, in no useful order. */
  readonly depends: readonly string[];
}

export interface SoftDependencies {
  readonly pre: readonly string[];
  readonly post: readonly string[];
}

/** The texts of modules.dep and the others. Sources: the manual pages modules.dep(5) and modprobe.d(5). */
export interface IndexTexts {
  readonly dep: string;
  readonly softdep?: string;
  readonly builtin?: string;
  /** Called when a soft dependency is no module's name. */
  readonly alias?: () => string;
}

/**
 * Reads modules.dep, and modules.softdep, .alias and .builtin where they are, in a directory such as lib/modules/R.
 *
 * @throws `MODULES_INDEX_MISSING`, `MODULES_INDEX_INVALID`; the second also from what it returns
 */
export function readModuleIndex(directory: string): ModuleIndex {
  const read = (name: string): string => readText(join(directory, name)) ?? "";
  const dep = readText(join(directory, "modules.dep"));
  if (dep === null) {
    throw codedError("MODULES_INDEX_MISSING", `${directory} has no modules.dep.`, {
      hint: "Let depmod make it: depmod -b ROOT RELEASE, where the modules are in ROOT/lib/modules/RELEASE.",
    });
  }
  return moduleIndex({
    dep,
    softdep: read("modules.softdep"),
    builtin: read("modules.builtin"),
    alias: () => read("modules.alias"),
  });
}

/** @throws `MODULES_INDEX_INVALID` for a name or path that no module of a kernel has */
export function moduleIndex({ dep, softdep = "", builtin = "", alias = () => "" }: IndexTexts): ModuleIndex {
  const lines = linesByName(dep);
  const builtIn = new Set(linesOf(builtin).map(nameOf));
  const soft = parseSoftDependencies(softdep);
  let aliasText: string | null = null;

  function find(name: string): IndexedModule | undefined {
    const line = lines.get(name);
    if (line === undefined) return undefined;
    const [path = "", ...depends] = line.split(/:? +|:$/).filter((word) => word !== "");
    nameOf(path);
    return { path, depends: depends.map(nameOf) };
  }

  return {
    isBuiltIn: (name) => builtIn.has(name),
    find,
    softDependencies: (name) => soft.get(name) ?? { pre: [], post: [] },
    resolve: (name) => {
      const plain = normalName(name);
      if (lines.has(plain) || builtIn.has(plain)) return [plain];
      aliasText ??= `\n${alias()}`;
      return modulesWithAlias(aliasText, name);
    },
  };
}

/** The lines of modules.dep, unchecked: only those that are asked for are looked at closely. */
function linesByName(dep: string): Map<string, string> {
  const lines = new Map<string, string>();
  for (const line of dep.split("\n")) {
    const start = line.lastIndexOf("/", line.indexOf(":")) + 1;
    const end = line.indexOf(".ko", start);
    if (end > start) lines.set(normalName(line.slice(start, end)), line);
  }
  return lines;
}

/** The name by which the kernel knows a module: `kernel/sound/snd-pcm.ko.xz` is `snd_pcm`. */
function nameOf(path: string): string {
  const name = normalName(path.slice(path.lastIndexOf("/") + 1).replace(/\.ko(?:\.(?:gz|xz|zst))?$/, ""));
  // A path that climbs, or a name that is more than a word to init's shell, was written by no depmod.
  if (/^\w+$/.test(name) && !`/${path}`.includes("/../")) return name;
  throw codedError("MODULES_INDEX_INVALID", `${JSON.stringify(path)} is no path of a module.`, {
    hint: "Let depmod make the index of the modules again.",
  });
}

function normalName(name: string): string {
  return name.replaceAll("-", "_");
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function parseSoftDependencies(text: string): Map<string, SoftDependencies> {
  const found = new Map<string, { readonly pre: string[]; readonly post: string[] }>();
  for (const line of linesOf(text)) {
    const [keyword, name, ...words] = line.trim().split(/\s+/);
    if (keyword !== "softdep" || name === undefined) continue;
    const lists = found.get(normalName(name)) ?? { pre: [], post: [] };
    let list: string[] | null = null;
    for (const word of words) {
      if (word === "pre:") list = lists.pre;
      else if (word === "post:") list = lists.post;
      else list?.push(word);
    }
    found.set(normalName(name), lists);
  }
  return found;
}

/** From lines such as `alias crypto-crc32c crc32c_intel`. Patterns, which are for devices, are not matched. */
function modulesWithAlias(text: string, name: string): string[] {
  const start = `\nalias ${name} `;
  const modules: string[] = [];
  for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 1)) {
    const end = text.indexOf("\n", at + 1);
    modules.push(nameOf(text.slice(at + start.length, end < 0 ? undefined : end)));
  }
  return modules;
}

function readText(file: string): string | null {
  try {
    return readRegularText(file);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}
