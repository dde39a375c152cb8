import { randomBytes } from "node:crypto";

/**
 * What the guest writes after the last byte of the command's output. A virtio port has no end that would say "all of it
 * came through", so each run makes a mark of its own, which no output can hold but by a chance of 2^-128.
 */
export function newEndMark(): string {
  // It begins with a byte that text does not have, so that a prompt's last letter is not held back for it, and has no
  // newline, which a terminal would alter.
  return `\u001evm-end-${randomBytes(16).toString("hex")}`;
}

/** Takes the end mark off a stream of chunks, holding back no byte that cannot belong to it. */
export interface MarkFilter {
  /** The bytes that are output for certain now. */
  push(chunk: Buffer): Buffer;
  /** What is held back, when the stream ended without its mark. */
  rest(): Buffer;
  readonly found: boolean;
}

export function markFilter(mark: string): MarkFilter {
  const wanted = Buffer.from(mark);
  let held: Buffer = Buffer.alloc(0);
  let found = false;
  return {
    get found() {
      return found;
    },
    push(chunk) {
      if (found) return Buffer.alloc(0);
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const whole = bytes.length - wanted.length;
      if (whole >= 0 && bytes.subarray(whole).equals(wanted)) {
        found = true;
        held = Buffer.alloc(0);
        return bytes.subarray(0, whole);
      }
      const keep = partialLength(bytes, wanted);
      held = bytes.subarray(bytes.length - keep);
      return bytes.subarray(0, bytes.length - keep);
    },
    rest() {
      return held;
    },
  };
}

/** How many bytes at the end of `bytes` are a beginning of `mark`: the longest such. */
function partialLength(bytes: Buffer, mark: Buffer): number {
  const first = mark[0];
  const from = Math.max(0, bytes.length - mark.length + 1);
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] !== first) continue;
    const length = bytes.length - at;
    if (bytes.subarray(at).equals(mark.subarray(0, length))) return length;
  }
  return 0;
}
