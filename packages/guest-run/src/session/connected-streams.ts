import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { codedError } from "@vm/command-plan";
import { chunkCollection } from "./chunk-collection.js";
import type { OutputChannel, SessionEvent } from "./events.js";
import { pumpOutput, type OutputPump } from "./output-pump.js";
import { isReaderGone, outputLost } from "./output-sink.js";
import type { QemuProcess } from "./qemu-process.js";
import type { CommandRequest } from "../protocol/request.js";
import type { RunCommand } from "./run-request.js";

/** The streams of the command, as a person calls them. */
const NAMES = { stdout: "standard output", stderr: "standard error", terminal: "the terminal" } as const;

/** An output of the command, and ours that it is copied to. */
export interface OutputSource {
  readonly channel: OutputChannel;
  readonly target: Writable;
  readonly source: Readable;
}

/** The outputs that a QEMU has: none, when it could not be started. */
export function outputsOf({ streams }: RunCommand, qemu: QemuProcess): OutputSource[] {
  const targets: readonly (readonly [OutputChannel, Writable])[] =
    streams.kind === "pipes"
      ? [
          ["stdout", streams.stdout],
          ["stderr", streams.stderr],
        ]
      : [["terminal", streams.output]];
  return targets.flatMap(([channel, target]) => {
    const source = qemu.channels.get(channel);
    return source === undefined ? [] : [{ channel, target, source }];
  });
}

/** Copies an output of the command to ours. */
export function connectOutput(
  { channel, target, source }: OutputSource,
  { mark }: CommandRequest,
  dispatch: (event: SessionEvent) => void,
): OutputPump {
  source.on("data", chunkCollection());
  return pumpOutput({
    source,
    target,
    mark,
    onComplete: () => dispatch({ kind: "output-complete", channel }),
    onClosed: (error) =>
      dispatch(
        isReaderGone(error)
          ? { kind: "reader-gone", channel }
          : { kind: "stream-failed", error: outputLost(NAMES[channel], error) },
      ),
  });
}

/** Our input on its way to the command. */
export interface ConnectedInput {
  /** The command begins. */
  begin(): void;
  disconnect(): void;
}

const CTRL_C = 3;

/** Copies our input to the command's. A Ctrl-C while what is typed is dropped ends the run. */
export function connectInput(
  { streams }: RunCommand,
  qemu: QemuProcess,
  dispatch: (event: SessionEvent) => void,
): ConnectedInput {
  const source = streams.kind === "pipes" ? streams.stdin : streams.input;
  const socket = qemu.channels.get(streams.kind === "pipes" ? "stdin" : "terminal");
  if (source === "none" || socket === undefined) return { begin: () => {}, disconnect: () => {} };
  const onPassed = chunkCollection();
  const onDropped = (chunk: Buffer): void => {
    if (chunk.includes(CTRL_C)) dispatch({ kind: "stop", signal: constants.signals.SIGINT });
  };
  let isPassed = false;
  const pass = (): void => {
    if (isPassed) return;
    isPassed = true;
    source.removeListener("data", onDropped);
    // The end of the source half-closes the socket: QEMU reads what is in it before it sees the end.
    source.pipe(socket);
    source.on("data", onPassed);
  };
  const onError = (cause: Error): void => {
    const reason = cause.message.replace(/^[A-Z]\w+: |, \w+$/g, "");
    const error = codedError("INPUT_LOST", `standard input could not be read: ${reason}`, { cause });
    dispatch({ kind: "stream-failed", error });
  };
  source.on("error", onError);
  if (streams.kind === "terminal" && streams.typeahead === "dropped") source.on("data", onDropped);
  else pass();
  return {
    begin: pass,
    disconnect() {
      source.unpipe(socket);
      source.removeListener("error", onError);
      source.removeListener("data", onPassed);
      source.removeListener("data", onDropped);
      source.pause();
    },
  };
}
