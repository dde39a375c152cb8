import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { codedError } from "@vm/command-plan";

/** Whether the file is in the cache. Notes the use, once a day: what nobody used for long is removed. */
export function keptFile(path: string): boolean {
  if (!existsSync(path)) return false;
  if (Date.now() - statSync(path).mtimeMs > dayMs) {
    try {
      const now = Date.now() / 1000;
      utimesSync(path, now, now);
    } catch {
      // A cache that is read-only now still holds a good file.
    }
  }
  return true;
}

/**
 * Writes the file beside its place and renames it there, so that it is never seen half written; two at once write
 * the same. Removes what nobody used for 30 days, and what interrupted runs left. @throws `CACHE_UNUSABLE`
 */
export function cachedFile(path: string, make: () => Uint8Array): void {
  const content = make();
  const directory = dirname(path);
  const draft = join(directory, `.new-${process.pid}-${basename(path)}`);
  try {
    mkdirSync(directory, { recursive: true });
    prune(directory);
    writeFileSync(draft, content);
    renameSync(draft, path);
  } catch (error) {
    if (existsSync(draft)) rmSync(draft);
    const reason = error instanceof Error ? error.message : String(error);
    throw codedError("CACHE_UNUSABLE", `The initramfs can not be kept in ${directory}: ${reason}`, {
      hint: "Set VM_CACHE_HOME to another directory.",
      cause: error,
    });
  }
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function prune(directory: string): void {
  for (const name of readdirSync(directory)) {
    const draft = name.startsWith(".new-");
    if (!draft && !name.endsWith(".cpio")) continue;
    const path = join(directory, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > (draft ? hourMs : 30 * dayMs)) rmSync(path, { force: true });
  }
}
