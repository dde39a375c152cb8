import { closeSync, constants, fstatSync, openSync, readFileSync, statSync, type Stats } from "node:fs";
import { codedError } from "@vm/command-plan";

/** How much of a file is read into memory at most, where a caller says nothing else. */
const defaultMaxBytes = 256 << 20;

export interface ReadLimits {
  /** A larger file is an error. Default: 256 MiB. */
  readonly maxBytes?: number;
}

/**
 * Opens a file for reading, and nothing but a file: opening a FIFO waits for its writer for ever, opening a device does what that
 * device does. The descriptor is the caller's to close.
 *
 * @throws what openSync throws; `NOT_A_FILE`, which has `syscall` and `path` as those have
 */
export function openRegular(path: string): number {
  return openSeen(path).descriptor;
}

/** As `openRegular`, with what fstat(2) says of it. */
export function openSeen(path: string): { readonly descriptor: number; readonly stats: Stats } {
  // Looked at first, as a device must not be opened; and again, as it may have been exchanged.
  const before = statSync(path, { throwIfNoEntry: false });
  if (before !== undefined && !before.isFile()) throw notAFile(path, before);
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  const stats = fstatSync(descriptor);
  if (stats.isFile()) return { descriptor, stats };
  closeSync(descriptor);
  throw notAFile(path, stats);
}

/**
 * The bytes of a regular file.
 * @throws what readFileSync throws; `NOT_A_FILE`; `FILE_TOO_LARGE`, which has `syscall` and `path` as those have
 */
export function readRegular(path: string, { maxBytes = defaultMaxBytes }: ReadLimits = {}): Buffer {
  const { descriptor, stats } = openSeen(path);
  try {
    const { size } = stats;
    if (size > maxBytes) throw tooLarge(path, size, maxBytes);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** `encoding`: default UTF-8. */
type TextOptions = ReadLimits & { readonly encoding?: BufferEncoding };

/** The text of a regular file. @throws as `readRegular` */
export function readRegularText(path: string, { encoding = "utf8", ...limits }: TextOptions = {}): string {
  return readRegular(path, limits).toString(encoding);
}

/** The text of a regular file; null where none can be read, whatever the reason. */
export function readableText(path: string, options: TextOptions = {}): string | null {
  try {
    return readRegularText(path, options);
  } catch {
    return null;
  }
}

/**
 * Throws NOT_A_FILE where something stands at a path that is no regular file; what is absent is for whoever opens it to say.
 * For a file that another program opens.
 */
export function checkRegular(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) throw notAFile(path, found);
}

function notAFile(path: string, found: Stats): Error {
  const error = codedError("NOT_A_FILE", `${kindOf(found)} where a file is expected: ${path}`);
  return Object.assign(error, { syscall: "open", path });
}

function tooLarge(path: string, size: number, maxBytes: number): Error {
  const error = codedError(
    "FILE_TOO_LARGE",
    `${Math.ceil(size / mebi)} MiB where at most ${Math.floor(maxBytes / mebi)} MiB are read: ${path}`,
  );
  return Object.assign(error, { syscall: "read", path });
}

const mebi = 1 << 20;

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a directory";
  if (found.isFIFO()) return "a FIFO";
  if (found.isSocket()) return "a socket";
  return found.isBlockDevice() ? "a block device" : "a device";
}
