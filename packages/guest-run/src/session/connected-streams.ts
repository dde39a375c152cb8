import { codedError } from "@vm/command-plan";
import { chunkCollection } from "./chunk-collection.js";
import { pumpOutput, type OutputPump } from "./output-pump.js";
import { isReaderGone, outputLost } from "./output-sink.js";
import type { QemuProcess } from "./qemu-process.js";
import type { CommandRequest } from "../protocol/request.js";
import type { RunCommand } from "./run-request.js";

/** The streams of the command, as a person calls them. */
const NAMES = { stdout: "standard output", stderr: "standard error", terminal: "the terminal" } as const;

/** Copies the command's output to ours. */
export function connectOutput(
  { streams }: RunCommand,
  { mark }: CommandRequest,
  qemu: QemuProcess,
  {
    onComplete,
    tell,
    onReaderGone,
    onFailure,
  }: {
    /** An output came to its end, or nobody reads it any more. */
    readonly onComplete: () => void;
    /** Speaks to the guest. */
    readonly tell: (line: string) => void;
    readonly onReaderGone: (channel: keyof typeof NAMES) => void;
    /** What the guest said can not be written. */
    readonly onFailure: (error: Error) => void;
  },
): OutputPump[] {
  const targets =
    streams.kind === "pipes"
      ? ([
          ["stdout", streams.stdout],
          ["stderr", streams.stderr],
        ] as const)
      : ([["terminal", streams.output]] as const);
  return targets.flatMap(([channel, target]) => {
    const source = qemu.channels.get(channel);
    if (source === undefined) return [];
    const onClosed = (error: Error): void => {
      if (!isReaderGone(error)) return onFailure(outputLost(NAMES[channel], error));
      onReaderGone(channel);
      // The command then gets SIGPIPE, as it would here.
      tell(`close ${channel}`);
      onComplete();
    };
    source.on("data", chunkCollection());
    return [pumpOutput({ source, target, mark, onComplete, onClosed })];
  });
}

/** Our input on its way to the command. */
export interface ConnectedInput {
  /** The command begins. */
  begin(): void;
  disconnect(): void;
}

const CTRL_C = 3;

/**
 * Copies our input to the command's. `onInterrupt`: a Ctrl-C while what is typed is dropped; `onFailure`: an input that can not be
 * read.
 */
export function connectInput(
  { streams }: RunCommand,
  qemu: QemuProcess,
  {
    onInterrupt,
    onFailure,
  }: { readonly onInterrupt: () => void; readonly onFailure: (error: Error) => void },
): ConnectedInput {
  const source = streams.kind === "pipes" ? streams.stdin : streams.input;
  const socket = qemu.channels.get(streams.kind === "pipes" ? "stdin" : "terminal");
  if (source === "none" || socket === undefined) return { begin: () => {}, disconnect: () => {} };
  const onPassed = chunkCollection();
  const onDropped = (chunk: Buffer): void => {
    if (chunk.includes(CTRL_C)) onInterrupt();
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
    onFailure(codedError("INPUT_LOST", `standard input could not be read: ${reason}`, { cause }));
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
