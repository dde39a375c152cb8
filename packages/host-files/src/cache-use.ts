import { readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";

const dayMs = 86_400_000;

/** For how many days what nobody uses is kept, if nothing else is said. */
export const keptDays = 30;

/** Lets a file's time say that what it stands for was used, once a day. A cache that is read-only now is used all the same. */
export function noteUse(file: string): void {
  try {
    const now = Date.now();
    if (now - statSync(file).mtimeMs > dayMs) utimesSync(file, now / 1000, now / 1000);
  } catch {
    // Nothing to note it in.
  }
}

/** For how many days nobody used what a file stands for; 0 where there is no such file. */
export function daysUnused(file: string): number {
  const used = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return (Date.now() - used) / dayMs;
}

/** Removes the entries of a room that `isStale` says so of; drafts are not asked about. What cannot be removed stays. */
export function removeStale(room: string, isStale: (path: string) => boolean): void {
  for (const name of readdirSync(room)) {
    if (name.startsWith(".")) continue;
    const path = join(room, name);
    try {
      if (isStale(path)) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another one removes it at this moment.
    }
  }
}
