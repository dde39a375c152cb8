import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { codedError } from "@vm/command-plan";
import { fileKey } from "./cache-key.js";
import { isDirectory } from "./file-kind.js";
import type { Lookup } from "./kernel-location.js";

/*
 * What was made of a file, in the cache:
 *
 *     CACHE/kernels/NAME-HASH/   HASH: of the file's path, time and size
 *       content/                 as the maker left it
 *       source                   the path of the file; its time is that of the last use
 */

/** How something is unpacked: `make` fills the empty directory that it gets. */
interface Unpacking {
  readonly file: string;
  readonly lookup: Lookup;
  readonly make: (directory: string) => void;
}

/**
 * The directory with what was unpacked from a file; unpacks it when it is not there. In place at once or not at all, also
 * with two at a time. Throws KERNEL_NOT_PREPARED, CACHE_UNUSABLE, and what `make` throws.
 */
export function unpackedDirectory({ file, lookup, make }: Unpacking): string {
  const source = realpathSync(file);
  if (lookup.cacheDir === undefined)
    throw codedError("KERNEL_NOT_PREPARED", `${file} has to be unpacked, and there is no place for it`);
  const root = join(lookup.cacheDir, "kernels");
  const place = join(root, fileKey(source, statSync(source)));
  const content = join(place, "content");
  if (isDirectory(content)) {
    noteUse(join(place, "source"));
    return content;
  }
  if (lookup.prepare === "never") {
    throw codedError("KERNEL_NOT_PREPARED", `${file} is not unpacked yet`, {
      hint: "`vm kernel` with the same name does it.",
    });
  }
  lookup.onWait?.(`unpacking ${basename(file)}`);
  const draft = draftIn(root);
  try {
    mkdirSync(join(draft, "content"));
    writeFileSync(join(draft, "source"), `${source}\n`);
    make(join(draft, "content"));
    putInPlace(draft, place);
  } finally {
    remove(draft);
  }
  prune(root, place);
  return content;
}

function draftIn(root: string): string {
  try {
    mkdirSync(root, { recursive: true });
    return mkdtempSync(join(root, `.new-${process.pid}-`));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError("CACHE_UNUSABLE", `the kernel can not be unpacked in ${dirname(root)}: ${reason}`, {
      hint: "Set VM_CACHE_HOME to another directory.",
      cause,
    });
  }
}

function putInPlace(draft: string, place: string): void {
  try {
    renameSync(draft, place);
  } catch (error) {
    // Another `vm` was faster: its directory is as good.
    if (!isDirectory(join(place, "content"))) throw error;
  }
}

/** Once a day: what nobody used for long is pruned. A cache that is read-only now is used all the same. */
function noteUse(file: string): void {
  try {
    const now = Date.now();
    if (now - statSync(file).mtimeMs > dayMs) utimesSync(file, now / 1000, now / 1000);
  } catch {
    // Nothing to note it in.
  }
}

const dayMs = 86_400_000;

/** Removes what was not used for 30 days, or for one whose file is gone or was replaced, and what interrupted runs left. */
function prune(root: string, kept: string): void {
  for (const name of readdirSync(root)) {
    const place = join(root, name);
    if (place === kept) continue;
    const { mtimeMs = Date.now() } = statSync(join(place, "source"), { throwIfNoEntry: false }) ?? {};
    const limitMs = name.startsWith(".new-") ? dayMs : isCurrent(place) ? 30 * dayMs : dayMs;
    if (Date.now() - mtimeMs > limitMs) remove(place);
  }
}

function isCurrent(place: string): boolean {
  try {
    const file = readFileSync(join(place, "source"), "utf8").slice(0, -1);
    return fileKey(file, statSync(file)) === basename(place);
  } catch {
    return false;
  }
}

/** Packages hold directories that nobody may write to; root may, and others get what they own. */
function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}
