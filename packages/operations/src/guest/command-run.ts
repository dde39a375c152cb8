import type { Writable } from "node:stream";
import { execCommand, singleQuoted, toScript } from "@vm/command-plan";
import {
  commandArgv,
  gdbArgv,
  guestEnvironment,
  runCommand,
  type CommandControl,
  type CommandResult,
  type CommandStreams,
  type RunCommand,
} from "@vm/guest-run";
import type { KernelBuild } from "@vm/kernel-build";
import type { FailureReport } from "../report/failure-report.js";
import type { Host } from "../host.js";
import { outcomeVerdict } from "../outcome.js";
import type { CommandSettings, EmbeddedGuestSettings, RunCommandRequest } from "../request/request.js";
import { scriptOrRepeat } from "../script.js";
import { bootLimitMs } from "./boot-limit.js";
import { prepareGuest } from "./command-guest.js";
import { checkGuestName, openForegroundEntry } from "./foreground-entry.js";
import { guestShell } from "./guest-shell.js";
import type { PreparedGuest } from "./prepared-guest.js";
import { withFailureShell } from "./failure-shell.js";
import { gdbProgram } from "../debug/gdb-program.js";
import { stopOnAbort } from "./stop-on-abort.js";

/** What a command of a request is connected to. */
export interface CommandEnds {
  readonly streams: CommandStreams;
  /** Gets the console as it comes. */
  readonly console?: Writable;
  /** Called once, when QEMU was started. */
  readonly onStart?: (control: CommandControl) => void;
  /** Runs a debugger on this process's terminal, for a guest that stands still after a failure (`onFailure: "gdb"`). */
  readonly onDebugger?: (argv: readonly [string, ...string[]]) => Promise<void>;
}

/** A command whose guest is ready to be started. */
export interface PreparedCommand {
  /** The kernel's release, or its file where nobody knows it. */
  readonly kernel: string;
  /** The embedded guest's memory; a VM's own options have that of a VM. */
  readonly memory?: string;
  /** Starts the guest, and settles when nothing is left of it. Once. @throws what `runCommand` of guest-run throws */
  run(this: void, ends: CommandEnds): Promise<CommandResult>;
  /** What there is to say of a run that did not pass; null for one that did. */
  explain(this: void, result: CommandResult): Promise<FailureReport | null>;
  /** Removes what was made for the guest. */
  close(this: void): void;
}

/** Makes a command, or a shell, ready: all that can be known to be wrong with the request is thrown here, before anything is started. */
export async function prepareCommand(request: RunCommandRequest, host: Host): Promise<PreparedCommand> {
  if (request.name !== undefined) checkGuestName(request.name, host);
  const prepared = await prepareGuest(request, "run", host);
  const { guest, debug } = prepared;
  const { kernel } = guest;
  const release = "release" in kernel ? kernel.release : undefined;
  const limitMs = bootLimit(request.command, prepared);
  return {
    kernel: release ?? kernel.image,
    ...(guest.kind === "embedded" ? { memory: guest.memory ?? "1G" } : {}),
    async run(ends) {
      const entry = openForegroundEntry(request, release ?? kernel.image, host);
      try {
        return await stoppable(host, ends, (stoppableEnds) =>
          runCommand({
            ...commandOf(request, host),
            ...started(prepared),
            ...(limitMs === undefined ? {} : { bootTimeoutMs: limitMs }),
            ...(entry === undefined ? {} : { execSocket: entry.socket("exec") }),
            ...keptGuest(request, prepared, ends, host),
            ...stoppableEnds,
          }),
        );
      } finally {
        entry?.close();
      }
    },
    explain: (result) => explainFailure(result, prepared.build, host),
    close: () => debug?.close(),
  };
}

/** What is done with the guest of a command that failed, before it is ended. */
function keptGuest(
  { command }: RunCommandRequest,
  { debug }: PreparedGuest,
  { onDebugger }: CommandEnds,
  { arch: hostArch }: Host,
): Pick<RunCommand, "failed" | "onStandstill"> {
  if (command?.onFailure === "dump") return { failed: "kept" };
  const { gdb: endpoint, arch = hostArch, vmlinux, scripts } = debug?.record ?? {};
  if (command?.onFailure !== "gdb" || endpoint === undefined || onDebugger === undefined) return {};
  const argv = gdbArgv({
    endpoint,
    program: gdbProgram(arch, hostArch),
    ...(vmlinux === undefined ? {} : { vmlinux }),
    ...(scripts === undefined ? {} : { scripts }),
  });
  return { failed: "kept", onStandstill: () => onDebugger(argv) };
}

/** Lets the host's signal stop the guest: its outcome is then `stopped`. */
async function stoppable(
  { signal }: Pick<Host, "signal">,
  ends: CommandEnds,
  run: (ends: CommandEnds) => Promise<CommandResult>,
): Promise<CommandResult> {
  signal?.throwIfAborted();
  let release: (() => void) | undefined;
  try {
    return await run({
      ...ends,
      onStart(control) {
        release = stopOnAbort(signal, control);
        ends.onStart?.(control);
      },
    });
  } finally {
    release?.();
  }
}

/** Loads what reads reports only for a run that did not pass. */
export async function explainFailure(
  result: CommandResult,
  build: KernelBuild,
  host: Host,
): Promise<FailureReport | null> {
  const verdict = outcomeVerdict(result.outcome);
  if (verdict === "passed" || verdict === "skipped") return null;
  const { failureReport } = await import("../report/failure-report.js");
  return failureReport(result, build, host);
}

/** The script that runs it: this very `vm`, which makes the sockets to the guest; QEMU's arguments are there for the person to read. */
export function commandScript(request: RunCommandRequest, host: Host): Promise<string> {
  return scriptOrRepeat(async () => {
    const argv = commandArgv({
      ...commandOf(request, host),
      ...started(await prepareGuest(request, "script", host)),
      stdin: request.command?.input === "none" ? "none" : "port",
    });
    return toScript([
      {
        kind: "comment",
        text: "QEMU, with a socket to `vm` on each descriptor (fd=), and a pipe for the console:",
      },
      { kind: "comment", text: execCommand(argv) },
      ...host.repeat(),
    ]);
  }, host);
}

type Command = Omit<RunCommand, "streams" | "onStart" | "guest" | "qemu" | "acceleratorOptions">;

function commandOf({ guest, command }: RunCommandRequest, host: Host): Command {
  const embedded = guest?.kind === "vm" ? undefined : (guest ?? { kind: "embedded" });
  return { command: commandText(command), ...commandSettings(command, embedded, host) };
}

function commandText({ text, afterwards, onFailure, failOn }: CommandSettings = {}): string {
  if (text === undefined) return guestShell;
  if (onFailure === "shell") return withFailureShell(text, failOn);
  if (afterwards === undefined) return text;
  // A shell of its own: whatever the text does to its shell, ours comes behind it.
  return [
    `sh -c ${singleQuoted(text)}`,
    "vm_status=$?",
    String.raw`printf 'vm: the command ended with status %s; here is a shell in the same guest\n' "$vm_status" >&2`,
    `(${guestShell})`,
    'exit "$vm_status"',
  ].join("\n");
}

/** All of a command but its text. @param guest the embedded guest that it is for; undefined: it is for a VM */
export function commandSettings(
  command: CommandSettings | undefined,
  guest: EmbeddedGuestSettings | undefined,
  { env, cwd, user }: Host,
): Omit<Command, "bootTimeoutMs" | "command"> {
  const { timeoutMs, failOn } = command ?? {};
  const isHost = guest !== undefined && guest.root === undefined;
  return {
    environment: { ...guestEnvironment(env, isHost ? "host" : "foreign"), ...command?.environment },
    cwd,
    ...(guest?.user === "caller" ? { user } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(failOn === undefined ? {} : { failOn }),
  };
}

/** A person in front of a shell or with a debugger waits as long as they like. */
function bootLimit(
  { text, bootTimeoutMs }: CommandSettings = {},
  { debug, accelerator }: PreparedGuest,
): number | undefined {
  const isWatched = text === undefined || debug?.gdb === "stub";
  return isWatched && bootTimeoutMs === undefined ? undefined : bootLimitMs(bootTimeoutMs, accelerator);
}

function started({
  guest,
  qemu,
  accelerator,
  debug,
}: PreparedGuest): Pick<RunCommand, "guest" | "qemu" | "acceleratorOptions" | "dumpFile" | "patience"> {
  return {
    guest,
    qemu,
    acceleratorOptions: accelerator.options,
    ...(debug?.dumpFile === undefined ? {} : { dumpFile: debug.dumpFile }),
    ...(debug?.gdb === "stub" ? { patience: "endless" } : {}),
  };
}
