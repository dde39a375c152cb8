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
} from "@vm/host-files";
import { filesKey } from "./cache-key.js";
import type { Lookup } from "../lookup/kernel-location.js";

/*
 * What was made of a file, in the cache:
 *
 *     CACHE/kernels/NAME-HASH/   HASH: of the file's path, time and size; of all files where it was made of several
 *       content/                 as the maker left it
 *       source                   the paths of the files, with a zero byte between; its time is that of the last use
 */

/** How something is unpacked: `make` fills the empty directory that it gets. */
interface Unpacking {
  readonly file: string;
  /** What belongs to it: the other packages of the same kernel. */
  readonly others?: readonly string[];
  readonly lookup: Lookup;
  readonly make: (directory: string) => void;
}

/**
 * The directory with what was unpacked from a file, or from several; unpacks it when it is not there. In place at once or not at all, also
 * with two at a time. Throws KERNEL_NOT_PREPARED, CACHE_UNUSABLE, CACHE_UNTRUSTED, and what `make` throws.
 */
export function unpackedDirectory({ file, others = [], lookup, make }: Unpacking): string {
  const sources = [file, ...others].map((path) => realpathSync(path));
  if (lookup.cacheDir === undefined)
    throw codedError("KERNEL_NOT_PREPARED", `${file} has to be unpacked, and there is no place for it`);
  const place = join(cacheRoom(lookup.cacheDir, roomName), filesKey(sources));
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
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  lookup.onWait?.(`unpacking ${basename(file)}${more}`);
  const room = makeCacheRoom(lookup.cacheDir, roomName);
  withDraft(room, (draft) => {
    mkdirSync(join(draft, "content"));
    writeFileSync(join(draft, "source"), `${sources.join("\0")}\n`);
    make(join(draft, "content"));
    putInPlace(draft, place);
  });
  removeStale(room, (entry) => entry !== place && isStale(entry));
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
