import type { Readable, Writable } from "node:stream";
import { markFilter } from "../protocol/end-mark.js";
import type { ReaderPace } from "./events.js";
import { outputSink } from "./output-sink.js";

/** The output of a command on its way from the guest. */
export interface OutputPump {
  /** All of it came, or nobody wants the rest. */
  readonly complete: boolean;
  /** `full`: the target has more than it likes, so nothing is read from the guest now. */
  readonly pace: ReaderPace;
  /**
   * Hands on what was held back, when the guest ended without its mark, and settles when the target has taken everything, or
   * takes no more. Never rejects.
   */
  finish(): Promise<void>;
  /** Reads and drops all that is still to come. */
  drop(): void;
}

/**
 * Copies output to `target` as it comes, at the target's speed, up to the guest's end mark.
 *
 * `onComplete` is called once, when the mark came; `onClosed` once, when the target takes no more, with its error: the rest is
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
  readonly onClosed: (error: Error) => void;
}): OutputPump {
  const filter = markFilter(mark);
  let waiting = false;
  const sink = outputSink(target, (error) => {
    source.resume();
    onClosed(error);
  });
  source.on("data", (chunk: Buffer) => {
    if (filter.found) return;
    if (!sink.write(filter.push(chunk))) {
      source.pause();
      waiting = true;
      sink.onceReady(() => {
        waiting = false;
        source.resume();
      });
    }
    if (filter.found) onComplete();
  });
  return {
    get complete() {
      return filter.found || sink.closed;
    },
    get pace() {
      if (waiting) return "full";
      return sink.idle ? "idle" : "behind";
    },
    finish() {
      if (!filter.found) sink.write(filter.rest());
      return sink.finish();
    },
    drop() {
      sink.drop();
      source.resume();
    },
  };
}
