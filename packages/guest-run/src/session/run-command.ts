import { missingFromKernel } from "../embedded/kernel-facts.js";
import { planDisk } from "../disk/plan.js";
import { planEmbedded } from "../embedded/plan.js";
import { qemuCommand } from "../qemu/qemu-command.js";
import type { RunCommand } from "./run-request.js";
import { commandSession } from "./session.js";
import { newEndMark } from "../protocol/end-mark.js";
import { checkOpenFiles } from "./open-files.js";
import { withQmp, type CommandPlan } from "../protocol/plan.js";
import type { CommandRequest } from "../protocol/request.js";
import type { CommandResult } from "./result.js";

/**
 * Runs a command in a guest, and says how it ended. Whatever happens in the guest is an outcome, not an error; when this
 * settles no process, socket or file is left of it. Several may run at once in a process.
 *
 * @throws `GUEST_UNSUPPORTED`, `ROOT_UNUSABLE`, `COMMAND_INVALID`, `ENVIRONMENT_INVALID`, `KERNEL_CMDLINE_TOO_LONG`;
 *   `OPEN_FILES_LIMITED`; `OUTPUT_LOST`, `INPUT_LOST` when a stream of ours fails, but by a reader that has gone
 */
export async function runCommand(run: RunCommand): Promise<CommandResult> {
  const start = performance.now();
  checkOpenFiles();
  const request = commandRequest(run, requestedStreams(run.streams), newEndMark());
  if (run.guest.kind === "embedded") {
    const missing = missingFromKernel(run.guest);
    if (missing !== null) return notConfigured(request.command, missing, start);
  }
  const plan = planGuest(run, request);
  return await commandSession({ run, request, plan, argv: qemuArgv(run, plan), start });
}

/**
 * QEMU and its arguments as `runCommand` would start it, for a person to read: its channels are descriptors (from 3 on) of
 * sockets that only `runCommand` makes. Starts nothing.
 *
 * @throws what `runCommand` throws
 */
export function commandArgv(
  run: Omit<RunCommand, "onStart" | "streams"> & { readonly stdin: "none" | "port" },
): readonly [string, ...string[]] {
  // The mark is no argument of QEMU.
  return qemuArgv(run, planGuest(run, commandRequest(run, { kind: "pipes", stdin: run.stdin }, "")));
}

function planGuest(
  { guest, dumpFile, onStandstill }: Pick<RunCommand, "guest" | "dumpFile" | "onStandstill">,
  request: CommandRequest,
): CommandPlan {
  const plan = guest.kind === "embedded" ? planEmbedded(guest, request) : planDisk(guest, request);
  return dumpFile === undefined && onStandstill === undefined ? plan : withQmp(plan);
}

function qemuArgv(
  { qemu, acceleratorOptions }: Pick<RunCommand, "qemu" | "acceleratorOptions">,
  { options, shares }: CommandPlan,
): readonly [string, ...string[]] {
  return qemuCommand(qemu, [...acceleratorOptions, ...options], shares);
}

function commandRequest(
  {
    command,
    environment,
    cwd,
    user,
    execSocket,
  }: Pick<RunCommand, "command" | "cwd" | "environment" | "execSocket" | "user">,
  streams: CommandRequest["streams"],
  mark: string,
): CommandRequest {
  return {
    command: typeof command === "string" ? Buffer.from(command) : command,
    environment,
    cwd,
    ...(user === undefined ? {} : { user }),
    streams,
    mark,
    ...(execSocket === undefined ? {} : { execSocket }),
  };
}

function requestedStreams(streams: RunCommand["streams"]): CommandRequest["streams"] {
  return streams.kind === "pipes"
    ? { kind: "pipes", stdin: streams.stdin === "none" ? "none" : "port" }
    : { kind: "terminal", rows: streams.rows, columns: streams.columns };
}

function notConfigured(command: Uint8Array, reason: string, start: number): CommandResult {
  return {
    outcome: { kind: "not-started", reason, cause: "configuration" },
    complaints: [],
    droppedComplaints: 0,
    release: null,
    durations: {
      firstConsoleByteMs: null,
      initMs: null,
      commandMs: null,
      statusMs: null,
      totalMs: performance.now() - start,
    },
    closedOutputs: [],
    consoleTail: [],
    complaintLines: [],
    argv: [],
    qemuStderr: "",
    command,
    dump: null,
  };
}
