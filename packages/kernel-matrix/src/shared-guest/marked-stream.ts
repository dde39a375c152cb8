import { Writable } from "node:stream";

/** What is in a stream: bytes, and between them words behind a mark, up to the end of their line. */
export interface MarkedEvents {
  bytes(this: void, chunk: Buffer): void;
  /** The words behind the mark. */
  mark(this: void, words: string): void;
}

/** A line of ours is short; what is longer is none. */
const LONGEST = 4096;

/** Takes a stream apart: what belongs to a mark, cut anywhere, is never handed on as bytes, and no other byte is held back for good. */
export function markedStream(mark: string, { bytes, mark: onMark }: MarkedEvents): Writable {
  const wanted = Buffer.from(mark);
  let held: Buffer = Buffer.alloc(0);
  const take = (): void => {
    for (;;) {
      const at = held.indexOf(wanted);
      if (at === -1) {
        const keep = beginningAtEnd(held, wanted);
        give(held.subarray(0, held.length - keep));
        held = held.subarray(held.length - keep);
        return;
      }
      const end = held.indexOf(0x0a, at + wanted.length);
      if (end === -1 && held.length - at < LONGEST) {
        give(held.subarray(0, at));
        held = held.subarray(at);
        return;
      }
      give(held.subarray(0, at));
      if (end === -1 || end - at >= LONGEST) {
        // No line of ours.
        give(held.subarray(at, at + wanted.length));
        held = held.subarray(at + wanted.length);
        continue;
      }
      const words = held.subarray(at + wanted.length, end).toString("utf8");
      held = held.subarray(end + 1);
      onMark(words.trim());
    }
  };
  const give = (chunk: Buffer): void => {
    if (chunk.length > 0) bytes(Buffer.from(chunk));
  };
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      take();
      done();
    },
    final(done) {
      give(held);
      held = Buffer.alloc(0);
      done();
    },
  });
}

/** How many bytes at the end are a beginning of `wanted`: the longest such. */
function beginningAtEnd(bytes: Buffer, wanted: Buffer): number {
  for (let length = Math.min(bytes.length, wanted.length - 1); length > 0; length--) {
    if (bytes.subarray(bytes.length - length).equals(wanted.subarray(0, length))) return length;
  }
  return 0;
}
