import { closeSync, openSync, readSync } from "node:fs";

/** A file that another process writes to. */
export interface GrowingFile {
  /** Hands on what is new; false when there was nothing. */
  read(): boolean;
  close(): void;
}

/** Reads from its beginning; a file that is not there yet is an empty one. */
export function growingFile(path: string, onData: (chunk: Buffer) => void): GrowingFile {
  let fd: number | undefined;
  const buffer = Buffer.alloc(65_536);
  return {
    read() {
      fd ??= open(path);
      if (fd === undefined) return false;
      let grew = false;
      for (;;) {
        const length = readSync(fd, buffer);
        if (length === 0) return grew;
        grew = true;
        onData(Buffer.from(buffer.subarray(0, length)));
      }
    },
    close() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

function open(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}
