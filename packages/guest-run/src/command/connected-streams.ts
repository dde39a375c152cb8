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

/** Copies our input to the command's. Returns what ends that. */
export function connectInput({ streams }: RunCommand, qemu: QemuProcess): () => void {
  const source = streams.kind === "pipes" ? streams.stdin : streams.input;
  const socket = qemu.channels.get(streams.kind === "pipes" ? "stdin" : "terminal");
  if (source === "none" || socket === undefined) return () => {};
  // The end of the source half-closes the socket: QEMU reads what is in it before it sees the end.
  source.pipe(socket);
  const onPassed = chunkCollection();
  source.on("data", onPassed);
  return () => {
    source.unpipe(socket);
    source.removeListener("data", onPassed);
    source.pause();
  };
}
