import { Writable } from "node:stream";

/** The beginning and the end of a stream of bytes. */
export interface CapturedOutput {
  readonly head: Buffer;
  /** How many bytes between head and tail were not kept. */
  readonly droppedBytes: number;
  readonly tail: Buffer;
}

/** Keeps a stream's first and last bytes in bounded memory. */
export interface Capture {
  readonly stream: Writable;
  output(this: void): CapturedOutput;
}

export interface CaptureLimits {
  readonly headBytes: number;
  readonly tailBytes: number;
}

export const noOutput: CapturedOutput = { head: Buffer.alloc(0), droppedBytes: 0, tail: Buffer.alloc(0) };

export function capture({ headBytes, tailBytes }: CaptureLimits): Capture {
  const head: Buffer[] = [];
  const tail: Buffer[] = [];
  let headLength = 0;
  let tailLength = 0;
  let dropped = 0;
  const keep = (chunk: Buffer): void => {
    const toHead = chunk.subarray(0, headBytes - headLength);
    if (toHead.length > 0) {
      // A copy: a small piece must not hold on to the large buffer that it came in.
      head.push(Buffer.from(toHead));
      headLength += toHead.length;
    }
    const rest = chunk.subarray(toHead.length);
    if (rest.length === 0) return;
    tail.push(Buffer.from(rest));
    tailLength += rest.length;
    for (
      let first = tail[0];
      first !== undefined && tailLength - first.length >= tailBytes;
      first = tail[0]
    ) {
      tail.shift();
      tailLength -= first.length;
      dropped += first.length;
    }
  };
  return {
    stream: new Writable({
      write(chunk: Buffer, _encoding, done) {
        keep(chunk);
        done();
      },
    }),
    output: () => {
      const all = Buffer.concat(tail);
      const kept = all.subarray(Math.max(0, all.length - tailBytes));
      return {
        head: Buffer.concat(head),
        droppedBytes: dropped + all.length - kept.length,
        tail: kept,
      };
    },
  };
}

/** The output as text: what is no UTF-8 becomes U+FFFD, a gap is told in a line of its own. */
export function outputText({ head, droppedBytes, tail }: CapturedOutput): string {
  if (droppedBytes === 0) return Buffer.concat([head, tail]).toString("utf8");
  return `${head.toString("utf8")}\n[... ${droppedBytes} bytes left out ...]\n${tail.toString("utf8")}`;
}
