import { writeSync } from "node:fs";

/** Thrown when whoever read our standard output has gone: not worth a message. */
export const outputClosed = "OUTPUT_CLOSED";

function write(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "EAGAIN") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      else if (code === "EPIPE")
        throw Object.assign(new Error("standard output was closed"), { code: outputClosed });
      else throw error;
    }
  }
}

/** Writes the product: everything is written when this returns, also into a slow or non-blocking pipe. */
export function writeOutput(text: string): void {
  write(1, text);
}

/** Writes one line for the person, as `vm: text`; a closed standard error loses it, and nothing else. */
export function writeNotice(text: string): void {
  try {
    write(2, `vm: ${text}\n`);
  } catch {
    // Nobody reads it: there is nobody to tell.
  }
}
