import type { Readable, Writable } from "node:stream";
import { markFilter } from "./end-mark.js";

/** The output of a command on its way from the guest. */
export interface OutputPump {
  /** All of it came, or nobody wants the rest. */
  readonly complete: boolean;
  /** Hands on what was held back, when the guest ended without its mark, and lets go of the target. */
  finish(): void;
}

/**
 * Copies output to `target` as it comes, at the target's speed, up to the guest's end mark.
 *
 * `onComplete` is called once, when the mark came; `onClosed` once, when the target takes no more (EPIPE): the rest is
 * then read and dropped.
 */
export function pumpOutput({
  source,
  target,
  mark,
  onComplete,
  onClosed,
}: {
  readonly source: Readable;
  readonly target: Writable;
  readonly mark: string;
  readonly onComplete: () => void;
  readonly onClosed: () => void;
}): OutputPump {
  const filter = markFilter(mark);
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    source.resume();
    onClosed();
  };
  const write = (bytes: Buffer): void => {
    if (closed || bytes.length === 0) return;
    if (target.write(bytes)) return;
    source.pause();
    target.once("drain", () => source.resume());
  };
  target.once("error", close);
  source.on("data", (chunk: Buffer) => {
    if (filter.found) return;
    write(filter.push(chunk));
    if (filter.found) {
      onComplete();
    }
  });
  return {
    get complete() {
      return filter.found || closed;
    },
    finish() {
      if (!filter.found) write(filter.rest());
      target.removeListener("error", close);
    },
  };
}
