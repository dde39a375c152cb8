import { createWriteStream } from "node:fs";
import { resolve } from "node:path";
import { finished } from "node:stream/promises";
import type { Writable } from "node:stream";
import { openForWriting } from "@vm/operations";
import { ownStream } from "@vm/terminal";

/** Where the kernel's console goes. */
export interface ConsoleTarget {
  readonly stream: Writable;
  /** Closes the file. @throws what the system says when it closes it, such as a full disk */
  close(this: void): Promise<void>;
}

/** The target of `--console`: made now, so that a bad name is known before the boot. */
export function openConsole(file: string, cwd: string): ConsoleTarget {
  if (file === "-") return { stream: ownStream(2), close: () => Promise.resolve() };
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
