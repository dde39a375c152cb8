import { readdirSync, readFileSync } from "node:fs";
import { cacheEntries, diskUsage, keptDays, readableText, type CacheEntry } from "@vm/host-files";
import { join } from "node:path";
import type { Host } from "../host.js";
import { tellIfLong } from "../long-step.js";

/** Something in the cache. Survives JSON. */
export interface KeptEntry {
  /** What kind of thing it is: `kernels`, `git`, ... */
  readonly room: CacheEntry["room"];
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** On the disk. */
  readonly bytes: number;
  /** When it was used last, to the day; ISO 8601. */
  readonly used: string;
  /** A process that lives was given its path: a guest that runs, a build. Such an entry is never removed. */
  readonly inUse: boolean;
}

/** All that the cache keeps, the one that was used last first. @throws PROGRAM_NOT_FOUND */
export function listCache(host: Pick<Host, "cacheDir" | "notice">): Promise<KeptEntry[]> {
  return tellIfLong(`${host.cacheDir} is being measured`, () => keptEntries(host), host);
}

async function keptEntries({ cacheDir }: Pick<Host, "cacheDir">): Promise<KeptEntry[]> {
  const found = cacheEntries(cacheDir);
  const commands = commandLines(cacheDir);
  const sources = found.flatMap((entry) =>
    entry.room === "kernels"
      ? [{ text: readableText(join(entry.path, "source")) ?? "", usedMs: entry.usedMs }]
      : [],
  );
  const entries: KeptEntry[] = [];
  for (const { room, name, path, usedMs } of found) {
    // What was downloaded is used by what was unpacked from it, which alone notes that.
    const ofUnpacked = sources.filter(({ text }) => text.includes(`${path}/`)).map((each) => each.usedMs);
    entries.push({
      room,
      name,
      path,
      bytes: await diskUsage(path),
      used: new Date(Math.max(usedMs, ...ofUnpacked)).toISOString(),
      inUse: commands.some((command) => isNamedIn(command, path)),
    });
  }
  return entries.toSorted((a, b) => b.used.localeCompare(a.used) || a.path.localeCompare(b.path));
}

/** For how many days an entry of a kind is kept with nobody using it. An index of modules is small, and takes long where the host is slow. */
export function daysKept(room: CacheEntry["room"]): number {
  return room === "modules-index" ? 2 * keptDays : keptDays;
}

/** The command lines of the processes that were given a path in the cache. QEMU is, and so are virtiofsd, make and git. */
function commandLines(cacheDir: string): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) return [];
    try {
      const text = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return text.includes(cacheDir.replaceAll(",", ",,")) || text.includes(cacheDir) ? [text] : [];
    } catch {
      return [];
    }
  });
}

/** A comma is doubled in an option of QEMU's. */
function isNamedIn(command: string, path: string): boolean {
  return [path, path.replaceAll(",", ",,")].some((text) => {
    for (let at = command.indexOf(text); at !== -1; at = command.indexOf(text, at + 1))
      if (!/^[\w.+~-]/.test(command.slice(at + text.length))) return true;
    return false;
  });
}
