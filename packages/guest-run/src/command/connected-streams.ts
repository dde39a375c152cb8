import { chunkCollection } from "./chunk-collection.js";
import { pumpOutput, type OutputPump } from "./output-pump.js";
import type { QemuProcess } from "./qemu-process.js";
import type { CommandRequest } from "./request.js";
import type { RunCommand } from "./run-command.js";

/** Copies the command's output to ours. `tell` speaks to the guest. */
export function connectOutput(
  { streams }: RunCommand,
  { mark }: CommandRequest,
  qemu: QemuProcess,
  onComplete: () => void,
  tell: (line: string) => void,
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
    const onClosed = (): void => {
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

/** Copies our input to the command's. `onInterrupt`: a Ctrl-C while what is typed is dropped. */
export function connectInput(
  { streams }: RunCommand,
  qemu: QemuProcess,
  onInterrupt: () => void,
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
  if (streams.kind === "terminal" && streams.typeahead === "dropped") source.on("data", onDropped);
  else pass();
  return {
    begin: pass,
    disconnect() {
      source.unpipe(socket);
      source.removeListener("data", onPassed);
      source.removeListener("data", onDropped);
      source.pause();
    },
  };
}
