import { Writable } from "node:stream";
import type { MarkedEvents } from "./marked-stream.js";

/** Longer ones are handed on in pieces. */
const LONGEST_LINE = 64 * 1024;

/**
 * Takes a console apart, line by line: the kernel writes the mark behind its time stamp, perhaps behind an unfinished line of a program,
 * which is handed on.
 */
export function markedConsole(mark: string, { bytes, mark: onMark }: MarkedEvents): Writable {
  const form = new RegExp(String.raw`(?:\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?)?${mark} ([^\r\n]*)\r*\n`);
  let held: Buffer = Buffer.alloc(0);
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      let from = 0;
      for (;;) {
        const end = held.indexOf(0x0a, from);
        if (end === -1) break;
        const line = held.subarray(from, end + 1);
        const found = line.includes(mark) ? form.exec(line.toString("latin1")) : null;
        if (found === null) bytes(Buffer.from(line));
        else {
          if (found.index > 0) bytes(Buffer.from(line.subarray(0, found.index)));
          onMark(found[1] ?? "");
        }
        from = end + 1;
      }
      held = held.subarray(from);
      if (held.length > LONGEST_LINE) {
        bytes(Buffer.from(held));
        held = Buffer.alloc(0);
      }
      done();
    },
    final(done) {
      if (held.length > 0) bytes(Buffer.from(held));
      held = Buffer.alloc(0);
      done();
    },
  });
}
