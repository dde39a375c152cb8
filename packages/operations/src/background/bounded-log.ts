import { closeSync, openSync, renameSync, rmSync } from "node:fs";
import { errorCode, writeAll } from "@vm/command-plan";

/** The most that one of the two files of a log holds: a console that repeats itself for months fills no disk. */
const FILE_BYTES = 8 * 1024 * 1024;

/** What was written to `FILE` before it was full. */
export function olderPart(file: string): string {
  return `${file}.1`;
}

/** The log of the run before this one. */
function lastRun(file: string): string {
  return `${file}.old`;
}

/** The log of a guest's console, in two files: the older goes when both are full. */
export interface BoundedLog {
  write(chunk: Uint8Array): void;
  close(): void;
}

/** Begins a log anew; that of the last run stays under another name. */
export function openBoundedLog(file: string, limit: number = FILE_BYTES): BoundedLog {
  rmSync(olderPart(file), { force: true });
  try {
    renameSync(file, lastRun(file));
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
  let fd = openSync(file, "ax", 0o600);
  let size = 0;
  return {
    write(chunk) {
      if (size > 0 && size + chunk.length > limit) {
        closeSync(fd);
        renameSync(file, olderPart(file));
        fd = openSync(file, "ax", 0o600);
        size = 0;
      }
      size += chunk.length;
      writeAll(fd, chunk);
    },
    close: () => closeSync(fd),
  };
}
