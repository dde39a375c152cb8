import { mkdirSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { codedError } from "@vm/command-plan";
import {
  cacheRoom,
  daysUnused,
  keptDays,
  isDirectory,
  makeCacheRoom,
  noteUse,
  readRegularText,
  removeStale,
  withDraft,
  withDraftUntil,
} from "@vm/host-files";
import { sayingAgain } from "../long-work.js";
import { filesKey } from "./cache-key.js";
import type { Lookup } from "../lookup/kernel-location.js";

/*
 * What was made of a file, in the cache:
 *
 *     CACHE/kernels/NAME-HASH/   HASH: of the file's path, time and size; of all files where it was made of several
 *       content/                 as the maker left it
 *       source                   the paths of the files, with a zero byte between; its time is that of the last use
 */

/** What is unpacked. */
interface Packed {
  readonly file: string;
  /** What belongs to it: the other packages of the same kernel. */
  readonly others?: readonly string[];
  readonly lookup: Lookup;
}

/** How: it fills the empty directory that it gets. */
interface Unpacking extends Packed {
  readonly make: (directory: string) => void;
}

/** The same, by programs that are waited for. */
interface LongUnpacking extends Packed {
  readonly make: (directory: string) => Promise<void>;
}

/**
 * The directory with what was unpacked from a file, or from several; unpacks it when it is not there. In place at once or not at all, also
 * with two at a time. Throws KERNEL_NOT_PREPARED, CACHE_UNUSABLE, CACHE_UNTRUSTED, and what `make` throws.
 */
export function unpackedDirectory({ make, ...packed }: Unpacking): string {
  const found = placeOf(packed);
  if (found.room === undefined) return found.content;
  withDraft(found.room, (draft) => {
    make(beginDraft(draft, found));
    putInPlace(draft, found.place);
  });
  return finished(found);
}

/** The same, by programs that are waited for. */
export async function unpackDirectory({ make, ...packed }: LongUnpacking): Promise<string> {
  const found = placeOf(packed);
  if (found.room === undefined) return found.content;
  const { lookup } = packed;
  await withDraftUntil(found.room, async (draft) => {
    await sayingAgain(
      () => make(beginDraft(draft, found)),
      (seconds) => lookup.onWait?.(`${unpackingOf(packed)} (${seconds} s)`),
    );
    putInPlace(draft, found.place);
  });
  return finished(found);
}

interface Place {
  readonly sources: readonly string[];
  readonly place: string;
  /** What was unpacked, in `place`. */
  readonly content: string;
  /** Where it is to be made; undefined: it is there. */
  readonly room?: string;
}

/** Where it is, or is to be made. Says so before what takes seconds. */
function placeOf({ file, others = [], lookup }: Packed): Place {
  const sources = [file, ...others].map((path) => realpathSync(path));
  if (lookup.cacheDir === undefined)
    throw codedError("KERNEL_NOT_PREPARED", `${file} has to be unpacked, and there is no place for it`);
  const place = join(cacheRoom(lookup.cacheDir, roomName), filesKey(sources));
  const content = join(place, "content");
  if (isDirectory(content)) {
    noteUse(join(place, "source"));
    return { sources, place, content };
  }
  if (lookup.prepare === "never") {
    throw codedError("KERNEL_NOT_PREPARED", `${file} is not unpacked yet`, {
      hint: "`vm kernel` with the same name does it.",
    });
  }
  lookup.onWait?.(unpackingOf({ file, others }));
  return { sources, place, content, room: makeCacheRoom(lookup.cacheDir, roomName) };
}

function unpackingOf({ file, others = [] }: Pick<Packed, "file" | "others">): string {
  return `unpacking ${basename(file)}${others.length === 0 ? "" : ` and ${others.length} more`}`;
}

/** @returns the directory to fill */
function beginDraft(draft: string, { sources }: Place): string {
  const directory = join(draft, "content");
  mkdirSync(directory);
  writeFileSync(join(draft, "source"), `${sources.join("\0")}\n`);
  return directory;
}

function finished({ room, place, content }: Place): string {
  if (room !== undefined) removeStale(room, (entry) => entry !== place && isStale(entry));
  return content;
}

const roomName = "kernels";

function putInPlace(draft: string, place: string): void {
  try {
    renameSync(draft, place);
  } catch (error) {
    // Another `vm` was faster: its directory is as good.
    if (!isDirectory(join(place, "content"))) throw error;
  }
}

/** Whether nobody used it for 30 days; or for one, where a file of its is gone or was replaced. */
function isStale(place: string): boolean {
  return daysUnused(join(place, "source")) > (isCurrent(place) ? keptDays : 1);
}

function isCurrent(place: string): boolean {
  try {
    const files = readRegularText(join(place, "source")).slice(0, -1).split("\0");
    return filesKey(files) === basename(place);
  } catch {
    return false;
  }
}
