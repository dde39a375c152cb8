import { writeSync } from "node:fs";

const RETRY_MS = 5;

/** Writes all of it before it returns, also into a slow or non-blocking pipe. @throws the error of write(2), such as EPIPE */
export function writeAll(fd: 1 | 2, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}
