import type { Writable } from "node:stream";
import { codedError } from "@vm/command-plan";

/** A stream of ours that takes bytes of the guest. No error of it goes unseen, and its end is known. */
export interface OutputSink {
  /** It takes no more: what is written is dropped. */
  readonly closed: boolean;
  /** Everything that was written has been taken, or will not be. */
  readonly idle: boolean;
  /** False: it has more than it likes, see `onceReady`. */
  write(bytes: Uint8Array): boolean;
  /** Calls `action` once, when it takes more, or never will. */
  onceReady(action: () => void): void;
  /** Settles when everything is written, or it takes no more; then lets go of the stream. Never rejects. */
  finish(): Promise<void>;
  /** Writes no more, and does not wait for what is on its way. */
  drop(): void;
}

/** @param onClosed called once, with the error of the stream that ended it */
export function outputSink(target: Writable, onClosed: (error: Error) => void): OutputSink {
  let closed = false;
  /** Writes whose end is not known yet. */
  let pending = 0;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const actions = waiting;
    waiting = [];
    for (const action of actions) action();
  };
  const close = (error: Error): void => {
    if (closed) return;
    closed = true;
    onClosed(error);
    wake();
  };
  const isIdle = (): boolean => closed || pending === 0;
  target.on("error", close);
  target.on("drain", wake);
  return {
    get closed() {
      return closed;
    },
    get idle() {
      return isIdle();
    },
    write(bytes) {
      if (closed || bytes.length === 0) return true;
      pending += 1;
      const hasRoom = target.write(bytes, (error) => {
        pending -= 1;
        if (error) close(error);
        else if (pending === 0) wake();
      });
      return hasRoom || closed;
    },
    onceReady(action) {
      if (closed || !target.writableNeedDrain) action();
      else waiting.push(action);
    },
    async finish() {
      while (!isIdle()) await new Promise<void>((resolve) => waiting.push(resolve));
      target.removeListener("drain", wake);
      // A stream that has failed may say so a second time.
      if (!closed) target.removeListener("error", close);
    },
    drop() {
      closed = true;
      wake();
    },
  };
}

/** Whether the reader has gone: nobody misses what it did not take. A stream of this process may have been destroyed. */
export function isReaderGone(error: Error): boolean {
  const code = "code" in error ? String(error.code) : "";
  return ["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"].includes(code);
}

/** `OUTPUT_LOST`: what the guest said could not be written. @param what the stream, for the person: `standard output` */
export function outputLost(what: string, cause: Error): Error {
  // `ENOSPC: no space left on device, write`
  const reason = cause.message.replace(/^[A-Z]\w+: |, \w+$/g, "");
  return codedError("OUTPUT_LOST", `${what} could not be written: ${reason}`, {
    hint: "The run was ended: an answer whose output is not whole is none.",
    cause,
  });
}
