import { createWriteStream } from "node:fs";
import { resolve } from "node:path";
import { finished } from "node:stream/promises";
import type { Writable } from "node:stream";
import { openForWriting } from "./output-file.js";

/** Where the kernel's console goes. */
export interface ConsoleTarget {
  readonly stream: Writable;
  /** Closes the file. @throws what the system says when it closes it, such as a full disk */
  close(this: void): Promise<void>;
}

/** The target of a console, `-` for standard error: made now, so that a bad name is known before the boot. @throws `OUTPUT_UNWRITABLE` */
export function openConsole(file: string, cwd: string, standardError: () => Writable): ConsoleTarget {
  if (file === "-") return { stream: standardError(), close: () => Promise.resolve() };
  const stream = createWriteStream("", { fd: openForWriting(resolve(cwd, file), "the console's file") });
  return {
    stream,
    async close() {
      // One that has failed has said so, and is closed.
      if (stream.destroyed) return;
      stream.end();
      await finished(stream);
    },
  };
}
