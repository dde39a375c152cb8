import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { codedError, quoteShell } from "@vm/command-plan";
import { makeDirectory } from "./make-directory.js";
import { foreignOwner, foreignWriter } from "./owner.js";

/**
 * The directory `room` of vm's cache (`kernels`, `initramfs`), for reading; it may not be there. What is in the cache becomes the guest's
 * kernel and initramfs, so a cache that another user could fill is refused.
 *
 * @throws `CACHE_UNTRUSTED`
 */
export function cacheRoom(cacheDir: string, room: string): string {
  const path = join(cacheDir, room);
  for (const place of [cacheDir, path]) {
    const owner = look(() => foreignOwner(place));
    if (owner !== undefined) {
      throw codedError(
        "CACHE_UNTRUSTED",
        `${place} belongs to another user (uid ${owner}), who could put any kernel there`,
      );
    }
    if (look(() => foreignWriter(place)) !== undefined) {
      throw codedError(
        "CACHE_UNTRUSTED",
        `other users can write to ${place}, and could put any kernel there`,
        {
          hint: `Look at what is in it, or remove it; then: chmod go-w ${quoteShell(place)}`,
        },
      );
    }
  }
  return path;
}

/**
 * The same, made where it is not there, and closed to others.
 * @throws `CACHE_UNTRUSTED`, and `CACHE_UNUSABLE` where it cannot be made
 */
export function makeCacheRoom(cacheDir: string, room: string): string {
  const path = cacheRoom(cacheDir, room);
  try {
    makeDirectory(path, { mode: 0o700 });
    // One that an older vm made. Another user's cannot be changed, and is refused above where it could be written.
    const { mode, uid } = statSync(path);
    if ((mode & 0o077) !== 0 && uid === process.geteuid?.()) chmodSync(path, 0o700);
    return path;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError("CACHE_UNUSABLE", `the cache ${path} cannot be made: ${reason}`, { cause });
  }
}

/** A cache that cannot be looked at is not there: the one who makes it will say why. */
function look<Found>(question: () => Found): Found | undefined {
  try {
    return question();
  } catch {
    return undefined;
  }
}
