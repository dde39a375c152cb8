import { existsSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { codedError } from "@vm/command-plan";
import { daysUnused, keptDays, makeCacheRoom, noteUse, removeStale, withDraft } from "@vm/host-files";

/** Whether the file is in the cache. Notes the use: what nobody used for long is removed. */
export function keptFile(path: string): boolean {
  if (!existsSync(path)) return false;
  noteUse(path);
  return true;
}

/**
 * Writes the file `ROOM/NAME` of the cache where nobody sees it, and renames it into its place, so that it is never seen half written; two at
 * once write the same. Removes what nobody used for 30 days. @throws `CACHE_UNUSABLE`, `CACHE_UNTRUSTED`
 */
export function cachedFile(path: string, make: () => Uint8Array): void {
  const content = make();
  const directory = dirname(path);
  const room = makeCacheRoom(dirname(directory), basename(directory));
  removeStale(room, (entry) => entry.endsWith(".cpio") && daysUnused(entry) > keptDays);
  withDraft(room, (draft) => {
    try {
      writeFileSync(join(draft, "file"), content);
      renameSync(join(draft, "file"), path);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw codedError("CACHE_UNUSABLE", `The initramfs cannot be kept in ${room}: ${reason}`, { cause });
    }
  });
}
