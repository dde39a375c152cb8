import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codedError } from "@vm/command-plan";

/** What depmod and the kernel's build say about the modules; names are in the kernel's form, with `_` for `-`. */
export interface ModuleIndex {
  /** Modules that are built in. */
  readonly builtin: ReadonlySet<string>;
  /** The modules that are files. */
  readonly files: ReadonlyMap<string, IndexedModule>;
  /** What `modprobe` would load before and after, where it can. */
  readonly soft: ReadonlyMap<string, SoftDependencies>;
  /** The modules that a name means which is no module's: `crypto_crc32c`, for example. */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
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

/** The texts of the files with these names. Sources: the man pages modules.dep(5) and modprobe.d(5). */
export interface IndexTexts {
  readonly dep: string;
  readonly softdep: string;
  readonly alias: string;
  readonly builtin: string;
}

/**
 * Reads modules.dep, and of modules.softdep, .alias and .builtin what is there, in a directory such as lib/modules/R.
 *
 * @throws `MODULES_INDEX_MISSING`, `MODULES_INDEX_INVALID`
 */
export function readModuleIndex(directory: string): ModuleIndex {
  const dep = readText(join(directory, "modules.dep"));
  if (dep === null) {
    throw codedError("MODULES_INDEX_MISSING", `${directory} has no modules.dep.`, {
      hint: "Let depmod make it: depmod -b ROOT RELEASE, where the modules are in ROOT/lib/modules/RELEASE.",
    });
  }
  const read = (name: string): string => readText(join(directory, name)) ?? "";
  const softdep = read("modules.softdep");
  return parseModuleIndex({
    dep,
    softdep,
    alias: softdep === "" ? "" : read("modules.alias"),
    builtin: read("modules.builtin"),
  });
}

/** @throws `MODULES_INDEX_INVALID` for a name or path that no module of a kernel has. */
export function parseModuleIndex({ dep, softdep, alias, builtin }: IndexTexts): ModuleIndex {
  const files = new Map<string, IndexedModule>();
  for (const line of dep.split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const path = line.slice(0, colon);
    const depends = line.slice(colon + 1).trim();
    files.set(nameOf(path), { path, depends: depends === "" ? [] : depends.split(" ").map(nameOf) });
  }
  const soft = parseSoftDependencies(softdep);
  const wanted = new Set([...soft.values()].flatMap(({ pre, post }) => [...pre, ...post]));
  return {
    builtin: new Set(
      builtin
        .split("\n")
        .filter((line) => line !== "")
        .map(nameOf),
    ),
    files,
    soft,
    aliases: wanted.size === 0 ? new Map() : parseAliases(alias, wanted),
  };
}

/** The name by which the kernel knows a module: `kernel/sound/snd-pcm.ko.xz` is `snd_pcm`. */
export function nameOf(path: string): string {
  const name = normalName(path.slice(path.lastIndexOf("/") + 1).replace(/\.ko(?:\.(?:gz|xz|zst))?$/, ""));
  if (/^\w+$/.test(name) && !/(?:^|\/)\.\.(?:\/|$)/.test(path)) return name;
  throw codedError("MODULES_INDEX_INVALID", `${JSON.stringify(path)} is no path of a module.`, {
    hint: "Let depmod make the index of the modules again.",
  });
}

function normalName(name: string): string {
  return name.replaceAll("-", "_");
}

function parseSoftDependencies(text: string): Map<string, SoftDependencies> {
  const found = new Map<string, SoftDependencies>();
  for (const line of text.split("\n")) {
    const [keyword, name, ...words] = line.trim().split(/\s+/);
    if (keyword !== "softdep" || name === undefined) continue;
    const before = found.get(normalName(name));
    const lists = { pre: [...(before?.pre ?? [])], post: [...(before?.post ?? [])] };
    let list: string[] | null = null;
    for (const word of words) {
      if (word === "pre:") list = lists.pre;
      else if (word === "post:") list = lists.post;
      else list?.push(normalName(word));
    }
    found.set(normalName(name), lists);
  }
  return found;
}

/** Only the names asked for: a distribution's kernel has 15,000 aliases, nearly all of them patterns of devices. */
function parseAliases(text: string, wanted: ReadonlySet<string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    // The patterns of devices start with a bus and a colon, which no module's name has.
    const end = line.indexOf(" ", 6);
    if (line.includes(":") || end < 0) continue;
    const name = normalName(line.slice(6, end));
    if (wanted.has(name)) found.set(name, [...(found.get(name) ?? []), nameOf(line.slice(end + 1))]);
  }
  return found;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
