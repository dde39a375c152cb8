import { lineSplitter } from "@vm/command-plan";
import { crashDump, type CrashDump } from "../debug/crash-dump.js";
import type { CommandPlan } from "../protocol/plan.js";
import type { CommandRequest } from "../protocol/request.js";
import { parseGuestLine } from "../protocol/status-protocol.js";
import { connectConsole, type ConnectedConsole } from "./connected-console.js";
import { connectInput, connectOutput, type ConnectedInput, type OutputSource } from "./connected-streams.js";
import type { ReaderPace, SessionEffect, SessionEvent } from "./events.js";
import type { OutputPump } from "./output-pump.js";
import type { QemuProcess } from "./qemu-process.js";
import type { RunCommand } from "./run-request.js";

/** Everything that a session has in its hands: what happens to it becomes events, and effects are done to it. */
export interface Connections {
  readonly qemu: QemuProcess;
  readonly outputs: readonly OutputPump[];
  readonly input: ConnectedInput;
  readonly console: ConnectedConsole;
  /** null: nobody wants one. */
  readonly dump: CrashDump | null;
}

/** Connects our streams with those of a QEMU that was just started. */
export function connect({
  run,
  request,
  plan,
  qemu,
  outputs,
  hasPanicked,
  now,
  dispatch,
}: {
  readonly run: RunCommand;
  readonly request: CommandRequest;
  readonly plan: CommandPlan;
  readonly qemu: QemuProcess;
  readonly outputs: readonly OutputSource[];
  readonly hasPanicked: () => boolean;
  /** Milliseconds since the call of `runCommand`. */
  readonly now: () => number;
  readonly dispatch: (event: SessionEvent) => void;
}): Connections {
  const qmp = qemu.channels.get("qmp");
  const dump =
    (run.dumpFile === undefined && run.onStandstill === undefined) || qmp === undefined
      ? null
      : crashDump({
          channel: qmp,
          file: run.dumpFile ?? null,
          onStandstill: run.onStandstill ?? (() => Promise.resolve()),
          hasPanicked,
          kill: () => qemu.kill("SIGKILL"),
        });
  const connectedConsole = connectConsole(qemu, { root: plan.root, target: run.console, now, dispatch });
  const status = lineSplitter((line) =>
    dispatch({ kind: "guest-said", event: parseGuestLine(line), atMs: now() }),
  );
  qemu.channels.get("status")?.on("data", (chunk: Buffer) => status.push(chunk));
  qemu.channels.get("script")?.resume().end(plan.script);
  return {
    qemu,
    outputs: outputs.map((output) => connectOutput(output, request, dispatch)),
    input: connectInput(run, qemu, dispatch),
    console: connectedConsole,
    dump,
  };
}

/** Does what a step asks for. */
export function carryOut(effect: SessionEffect, { qemu, outputs, input, console, dump }: Connections): void {
  switch (effect.kind) {
    case "tell":
      qemu.channels.get("status")?.write(`${effect.line}\n`);
      return;
    case "begin-input":
      input.begin();
      return;
    case "drop-output":
      for (const output of outputs) output.drop();
      console.drop();
      return;
    case "give-up":
      if (dump === null) qemu.kill("SIGKILL");
      else void dump.take().then(() => qemu.kill("SIGKILL"));
      return;
    case "kill":
      qemu.kill(effect.signal);
      return;
    default:
      effect satisfies never;
  }
}

/** How the slowest of our readers gets on. */
export function readerPace({ outputs }: Connections): ReaderPace {
  const paces = outputs.map(({ pace }) => pace);
  return (["full", "behind"] as const).find((pace) => paces.includes(pace)) ?? "idle";
}
