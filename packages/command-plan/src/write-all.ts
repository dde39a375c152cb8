import { errorCode } from "./coded-error.js";
import { writeSync } from "node:fs";

const RETRY_MS = 5;

/**
 * Writes all of it before it returns, also into a slow or non-blocking pipe: a disk that becomes full on the way is an error, and
 * not a short write that nobody looks at. @throws the error of write(2), such as EPIPE or ENOSPC
 */
export function writeAll(fd: number, content: string | Uint8Array): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if (errorCode(error) !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}
