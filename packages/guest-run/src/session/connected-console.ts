import type { Writable } from "node:stream";
import { consoleLog } from "./console-log.js";
import type { RootPlace } from "../protocol/plan.js";
import type { SessionEvent } from "./events.js";
import { isReaderGone, outputLost, outputSink } from "./output-sink.js";
import { readInBatches } from "../pipe/batched-reading.js";
import type { QemuProcess } from "./qemu-process.js";

/** The kernel's console on its way to us. */
export interface ConnectedConsole {
  /** The last lines, oldest first, without the unfinished one. */
  tail(): readonly string[];
  /** The lines around what the kernel complained of, oldest first. */
  complaintLines(): readonly string[];
  /** Settles when our reader has taken everything, or takes no more. Never rejects. */
  finish(): Promise<void>;
  /** Hands on no more of it. */
  drop(): void;
}

/** Looks at the console as it comes, and hands it on to `target` at its speed. */
export function connectConsole(
  qemu: QemuProcess,
  {
    root,
    target,
    now,
    dispatch,
  }: {
    readonly root: RootPlace;
    readonly target: Writable | undefined;
    readonly now: () => number;
    readonly dispatch: (event: SessionEvent) => void;
  },
): ConnectedConsole {
  const log = consoleLog(root, (finding) => dispatch({ kind: "console-found", finding }));
  const sink =
    target === undefined
      ? null
      : outputSink(target, (cause) => {
          if (isReaderGone(cause)) return;
          dispatch({ kind: "stream-failed", error: outputLost("the kernel's console", cause) });
        });
  let isSilent = true;
  const onData = (chunk: Buffer, more: () => void): void => {
    if (isSilent) dispatch({ kind: "console-began", atMs: now() });
    isSilent = false;
    log.push(chunk);
    if (sink === null || sink.write(chunk)) more();
    else sink.onceReady(more);
  };
  const socket = qemu.channels.get("console");
  if (socket !== undefined) {
    readInBatches(socket, onData);
    socket.once("close", () => log.end());
  }
  return {
    tail: () => log.tail(),
    complaintLines: () => log.complaintLines(),
    finish: async () => await sink?.finish(),
    drop: () => sink?.drop(),
  };
}
