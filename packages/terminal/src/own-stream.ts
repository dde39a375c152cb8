import { fstatSync } from "node:fs";
import { Writable } from "node:stream";
import { isatty } from "node:tty";
import { writeAll } from "@vm/command-plan";

/**
 * Our standard output or error as a stream that loses nothing without an error. Node's own for a file or a device takes what a
 * full disk wrote a part of for the whole.
 */
export function ownStream(fd: 1 | 2): Writable {
  const stats = fstatSync(fd);
  const isFile = stats.isFile() || stats.isBlockDevice() || (stats.isCharacterDevice() && !isatty(fd));
  if (!isFile) return fd === 1 ? process.stdout : process.stderr;
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        writeAll(fd, chunk);
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
}
