import type { Readable, Writable } from "node:stream";
import type { QemuOption } from "@vm/qemu-argv";
import { renderArgv } from "@vm/qemu-argv";
import { missingFromKernel } from "../embedded/kernel-facts.js";
import type { DiskGuest } from "../disk/guest.js";
import { planDisk } from "../disk/plan.js";
import type { EmbeddedGuest } from "../embedded/guest.js";
import { planEmbedded } from "../embedded/plan.js";
import { withShares } from "../share/launcher.js";
import { sandboxOptions } from "../qemu/sandbox.js";
import { commandSession, type CommandControl } from "./session.js";
import { newEndMark } from "../protocol/end-mark.js";
import { checkOpenFiles } from "./open-files.js";
import type { ComplaintKind } from "./outcome.js";
import { withQmp, type CommandPlan } from "../protocol/plan.js";
import type { CommandRequest, CommandUser } from "../protocol/request.js";
import type { CommandResult } from "./result.js";

/** The guest that a command runs in. */
export type CommandGuest = EmbeddedGuest | DiskGuest;

export interface RunCommand {
  readonly guest: CommandGuest;
  /** QEMU's absolute path: `findQemu`. */
  readonly qemu: string;
  /** What selects accelerator and CPU: `resolveAccelerator(...).options`. */
  readonly acceleratorOptions: readonly QemuOption[];
  /** For the guest's `/bin/sh -c`: any bytes but NUL, of any length. */
  readonly command: string | Uint8Array;
  /** The command's variables; `guestEnvironment(process.env)` gives the usual ones. */
  readonly environment: { readonly [name: string]: string };
  /** The command's working directory in the guest. */
  readonly cwd: string;
  /** Root if absent. */
  readonly user?: CommandUser;
  readonly streams: CommandStreams;
  /** Gets the console as it comes. */
  readonly console?: Writable;
  /** For the whole run. */
  readonly timeoutMs?: number;
  /** From the start to the beginning of the command. */
  readonly bootTimeoutMs?: number;
  /** Complaints of the kernel that make the run a failure; an oops always does. */
  readonly failOn?: readonly ComplaintKind[];
  /**
   * Where the guest's memory goes when the kernel panicked or hung, or the time was over: absolute. See `dumpMemory`. QEMU's
   * note for its readers (`dumpNoteDevice`) is the guest's own option.
   */
  readonly dumpFile?: string;
  /** `endless`: somebody looks at the guest with a debugger, so neither a panic nor a hang ends it. */
  readonly patience?: "usual" | "endless";
  /** Called once, when QEMU was started. */
  readonly onStart?: (control: CommandControl) => void;
  /** QEMU's environment; ours if absent. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The command's streams: three of their own, or a terminal. */
export type CommandStreams =
  | {
      readonly kind: "pipes";
      /** `none`: the command reads from /dev/null. */
      readonly stdin: Readable | "none";
      readonly stdout: Writable;
      readonly stderr: Writable;
    }
  | {
      readonly kind: "terminal";
      /** In raw mode already. */
      readonly input: Readable;
      /** `dropped`: what comes before the command begins is thrown away; a Ctrl-C ends the guest. Default: `kept`. */
      readonly typeahead?: "kept" | "dropped";
      readonly output: Writable;
      readonly rows: number;
      readonly columns: number;
    };

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
  const request = commandRequest(run);
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
export function commandArgv(run: Omit<RunCommand, "onStart">): readonly [string, ...string[]] {
  return qemuArgv(run, planGuest(run, commandRequest(run)));
}

function planGuest(
  { guest, dumpFile }: Pick<RunCommand, "guest" | "dumpFile">,
  request: CommandRequest,
): CommandPlan {
  const plan = guest.kind === "embedded" ? planEmbedded(guest, request) : planDisk(guest, request);
  return dumpFile === undefined ? plan : withQmp(plan);
}

function qemuArgv(
  { qemu, acceleratorOptions }: Pick<RunCommand, "qemu" | "acceleratorOptions">,
  { options, shares }: CommandPlan,
): readonly [string, ...string[]] {
  const all = [...acceleratorOptions, ...options];
  return withShares([qemu, ...renderArgv([...sandboxOptions(qemu, all), ...all])], shares);
}

function commandRequest({ command, environment, cwd, user, streams }: RunCommand): CommandRequest {
  return {
    command: typeof command === "string" ? Buffer.from(command) : command,
    environment,
    cwd,
    ...(user === undefined ? {} : { user }),
    streams:
      streams.kind === "pipes"
        ? { kind: "pipes", stdin: streams.stdin === "none" ? "none" : "port" }
        : { kind: "terminal", rows: streams.rows, columns: streams.columns },
    mark: newEndMark(),
  };
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
    argv: [],
    qemuStderr: "",
    command,
    dump: null,
  };
}
