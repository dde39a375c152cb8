import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { ModuleFiles } from "./module-files.js";

/*
 * How a warm index is recognised. A few modules are looked at one by one. Four thousand stats cost more than a whole dry run
 * may, so of many modules the directories are looked at: ld unlinks a module before it writes it anew, as do objcopy and
 * strip, which changes the directory's time, and there are five times fewer of them. When one did change (an editor's file in a
 * source tree is enough), contents and modules are compared one by one before the index is called stale.
 */

/** What an index was made of: written beside its files, and compared with the tree before each run. */
export interface Stamp {
  /** The realpath of the tree. */
  readonly tree: string;
  readonly release: string;
  /** How many modules are in the index. */
  readonly count: number;
  /** Modules that modules.order lists and that were not built. */
  readonly missing: readonly string[];
  /** Directories and files at the top, one line each. */
  readonly quick: readonly string[];
}

/** The files at the top that tell of a new build; a quick stamp begins with them. */
export const topFiles: readonly string[] = [
  "modules.order",
  // Not in the index, but modpost writes it whenever a module was compiled, also for `make drivers/net/dummy.ko`.
  "Module.symvers",
  "modules.builtin",
  "modules.builtin.modinfo",
  "include/config/kernel.release",
];

/** The lines of a quick stamp: the top files, and every module or every directory that holds one. */
export function quickLines(tree: string, { files, missing }: ModuleFiles): string[] {
  const modules = [...files, ...missing];
  const watched = modules.length <= fewModules ? modules : new Set(modules.map((module) => dirname(module)));
  return [...topFiles, ...watched].map((path) => stampLine(tree, path));
}

const fewModules = 250;

/** The lines of a full stamp: every module. */
export function fullLines(tree: string, files: readonly string[]): string[] {
  return files.map((path) => stampLine(tree, path));
}

/** The same paths as they are now. */
export function takeAgain(tree: string, lines: readonly string[]): string[] {
  return lines.map((line) => stampLine(tree, pathOf(line)));
}

/** Whether every path of these lines is still as it was. */
export function linesHold(tree: string, lines: readonly string[]): boolean {
  return lines.every((line) => line === stampLine(tree, pathOf(line)));
}

/**
 * Whether the newest of these paths is old enough for its time to tell: the file system's clock moves in ticks of up to
 * 10 ms, and a second change within the tick would not show.
 */
export function isSettled(lines: readonly string[]): boolean {
  const newest = lines.reduce((time, line) => Math.max(time, Number.parseFloat(line) || 0), 0);
  return Math.abs(Date.now() - newest) > settleTimeMs;
}

export const settleTimeMs = 20;

/** The path of a stamp's line. */
function pathOf(line: string): string {
  return line.slice(line.lastIndexOf("\t") + 1);
}

export function renderStamp({ tree, release, count, missing, quick }: Stamp): string {
  return [JSON.stringify({ format, about: { tree, release, count, missing } }), ...quick, ""].join("\n");
}

/** Reads a stamp; null for none, or one of another version. */
export function readStamp(file: string): Stamp | null {
  const [head, ...quick] = readLines(file);
  const found: unknown = head === undefined ? null : parse(head);
  return isHead(found) ? { ...found.about, quick } : null;
}

/** Reads the lines of a file; empty for none. */
export function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").slice(0, -1);
  } catch {
    return [];
  }
}

type About = Omit<Stamp, "quick">;

function isHead(value: unknown): value is { readonly format: typeof format; readonly about: About } {
  return (
    typeof value === "object" &&
    value !== null &&
    "format" in value &&
    value.format === format &&
    "about" in value
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const format = 1;

/** `TIME SIZE INODE<tab>PATH`, or `absent<tab>PATH`. */
function stampLine(tree: string, path: string): string {
  const found = statSync(`${tree}/${path}`, { throwIfNoEntry: false });
  return found === undefined ? `absent\t${path}` : `${found.mtimeMs} ${found.size} ${found.ino}\t${path}`;
}
