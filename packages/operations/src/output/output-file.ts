import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
} from "node:fs";
import { codedError, errorCode, writeAll } from "@vm/command-plan";

/** A file that a person names for what a run leaves behind: a report. */
export interface OutputFile {
  /** Writes all of it: afterwards it is there whole, or not at all. @throws `OUTPUT_LOST` */
  write(this: void, content: string): void;
  /** Nothing comes: what was made of it goes. Does nothing after `write`. */
  discard(this: void): void;
}

/**
 * Opens a file for writing, emptied, and waits for nobody: neither does a FIFO that nobody reads, nor a device.
 * @param path absolute @param what for the person: `the report` @throws `OUTPUT_UNWRITABLE`
 */
export function openForWriting(path: string, what: string): number {
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NONBLOCK, 0o666);
    const stats = fstatSync(fd);
    if (stats.isFile()) ftruncateSync(fd);
    return stats.isFIFO() ? openWaiting(fd) : fd;
  } catch (cause) {
    const isUnread = errorCode(cause) === "ENXIO";
    throw codedError(
      "OUTPUT_UNWRITABLE",
      `${what} ${path} cannot be written: ${isUnread ? "nobody reads this pipe" : reasonOf(cause)}`,
      { cause },
    );
  }
}

/**
 * The same pipe, whose reader may be slow: writing waits. Opening does not, also where that reader has gone by now: until it is open, we are
 * one ourselves.
 */
function openWaiting(fd: number): number {
  const path = `/proc/self/fd/${fd}`;
  try {
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return openSync(path, constants.O_WRONLY);
    } finally {
      closeSync(reader);
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * Opens a report before anything is run: what cannot be written is told at once, and what an earlier run left there is gone.
 * @param path absolute @param what for the person: `the report` @throws `OUTPUT_UNWRITABLE`
 */
export function openOutputFile(path: string, what: string): OutputFile {
  const fd = openForWriting(path, what);
  // Behind a link is where it belongs.
  const real = fstatSync(fd).isFile() ? realpathSync(path) : undefined;
  const file = real !== undefined && remove(real) ? real : undefined;
  let isOpen = file === undefined;
  if (!isOpen) closeSync(fd);
  const close = (): void => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  return {
    write(content) {
      const bytes = Buffer.from(content);
      try {
        if (file !== undefined) replaceFile(file, bytes);
        else if (isOpen) writeAll(fd, bytes);
        close();
      } catch (cause) {
        // A mount of a single file can be emptied, and not removed.
        if (real !== undefined && isOpen) ftruncateSync(fd);
        close();
        throw codedError("OUTPUT_LOST", `${what} ${path} could not be written: ${reasonOf(cause)}`, {
          cause,
        });
      }
    },
    discard: close,
  };
}

function remove(path: string): boolean {
  try {
    rmSync(path);
    return true;
  } catch {
    return false;
  }
}

/** By one rename, so that nobody reads half of it. */
function replaceFile(path: string, bytes: Uint8Array): void {
  const draft = `${path}.${randomBytes(6).toString("hex")}.draft`;
  try {
    const fd = openSync(draft, "wx", 0o666);
    try {
      writeAll(fd, bytes);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** `ENOSPC: no space left on device, write` without the words for programs. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/^[A-Z]\w+: |, \w+(?: '.*')?$/g, "") : String(cause);
}
