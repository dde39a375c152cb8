import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { runForOutput } from "./program-output.js";

/** The rooms of vm's cache. Whatever else stands in that directory is not vm's, and is never looked at. */
export const cacheRoomNames = [
  "apt",
  "code",
  "debian",
  "git",
  "initramfs",
  "install",
  "iso",
  "kernels",
  "kselftest",
  "kvm-trial",
  "modules-index",
  "packages",
  "shipped",
] as const;

export type CacheRoomName = (typeof cacheRoomNames)[number];

/** Something that stands in a room of the cache, finished. */
export interface CacheEntry {
  readonly room: CacheRoomName;
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** When it was used last, in milliseconds since 1970, to the day. */
  readonly usedMs: number;
}

/** What stands in the rooms of a cache; drafts are none. A room that is not there, or cannot be read, has nothing. */
export function cacheEntries(cacheDir: string): CacheEntry[] {
  return cacheRoomNames.flatMap((room) =>
    visibleNames(join(cacheDir, room)).flatMap((name): CacheEntry[] => {
      const path = join(cacheDir, room, name);
      const usedMs = lastUse(path);
      return usedMs === undefined || name.endsWith("lock") ? [] : [{ room, name, path, usedMs }];
    }),
  );
}

/**
 * Bytes on the disk of a file or a directory with all that is in it; 0 where it is gone.
 * @throws PROGRAM_NOT_FOUND where there is no du(1)
 */
export async function diskUsage(path: string): Promise<number> {
  const { stdout } = await runForOutput(["du", "-sk", "--", path]);
  return Number(/^\d+/.exec(stdout)?.[0] ?? 0) * 1024;
}

/**
 * Every kind of entry notes its use in its own time, or in that of a file in it (`source`, `tree`, `built`): the newest of all of them is
 * never too early.
 */
function lastUse(path: string): number | undefined {
  const own = statSync(path, { throwIfNoEntry: false });
  if (own === undefined) return undefined;
  if (!own.isDirectory()) return own.mtimeMs;
  const times = visibleNames(path).map((name) => {
    const status = statSync(join(path, name), { throwIfNoEntry: false });
    return status?.isFile() === true ? status.mtimeMs : 0;
  });
  return Math.max(own.mtimeMs, ...times);
}

function visibleNames(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => !name.startsWith("."));
  } catch {
    return [];
  }
}
