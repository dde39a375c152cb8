import type { RunCommandRequest, RunVmRequest } from "./run-requests.js";

/** A guest that outlives the one who starts it: `vm start`. */
export interface StartRequest {
  readonly operation: "start";
  /** A virtual machine, or the embedded guest, which then has a shell on its console and no command. */
  readonly run: RunVmRequest | RunCommandRequest;
  /** The embedded guest's name; a virtual machine has its own. */
  readonly name?: string;
  /** When it counts as started: when it is up, or as soon as QEMU runs. Default: `up`. */
  readonly until?: StartedWhen;
  /** How long to wait for it to be up, in milliseconds; the guest goes on. Default: 15 minutes. */
  readonly upTimeoutMs?: number;
}

export type StartedWhen = "started" | "up";

/** How a guest in the background is ended. */
interface StopSettings {
  /** `power-off`: by itself, as if its button were pressed; after `timeoutMs` QEMU is ended. `at-once`: QEMU is ended. Default: `power-off`. */
  readonly way?: "at-once" | "power-off";
  /** In milliseconds; default: 90 s. */
  readonly timeoutMs?: number;
}

/** Guests in the background end: `vm stop`. */
export interface StopRequest extends StopSettings {
  readonly operation: "stop";
  /** Their names, at least one; `all`: those of the host's directory of virtual machines. */
  readonly guests: readonly string[] | "all";
}

/** A guest in the background ends, and is started again as it was: `vm restart`. */
export interface RestartRequest extends StopSettings {
  readonly operation: "restart";
  readonly guest: string;
  /** As for `start`. */
  readonly until?: StartedWhen;
}

/** The CPUs of a guest in the background stand still: `vm pause`. */
export interface PauseRequest {
  readonly operation: "pause";
  readonly guest: string;
}

/** They go on: `vm resume`. */
export interface ResumeRequest {
  readonly operation: "resume";
  readonly guest: string;
}

/** Until something has happened to a guest in the background: `vm wait`. */
export interface WaitRequest {
  readonly operation: "wait";
  readonly guest: string;
  readonly event: "exit" | "panic" | "up";
  /** Give up after that time, in milliseconds; default: never. */
  readonly timeoutMs?: number;
}

/** What happens to a guest in the background, from its start to its end: `vm events`. */
export interface EventsRequest {
  readonly operation: "events";
  readonly guest: string;
}

/** What the console of a guest in the background said: `vm logs`. */
export interface LogsRequest {
  readonly operation: "logs";
  readonly guest: string;
  /** `yes`: until the guest ends. Default: `no`. */
  readonly follow?: "no" | "yes";
}

/** The console of a guest in the background, to type on: `vm console`. */
export interface ConsoleRequest {
  readonly operation: "console";
  readonly guest: string;
}

/** A command of QMP to the QEMU of a guest in the background: `vm qmp`. */
export interface QmpRequest {
  readonly operation: "qmp";
  readonly guest: string;
  readonly command: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** gdb on the guest of a machine that runs: `vm gdb`. */
export interface GdbRequest {
  readonly operation: "gdb";
  readonly vm: string;
  /** The kernel with its symbols; default: that of the run's kernel. */
  readonly vmlinux?: string;
  /** gdb's own. */
  readonly arguments?: readonly string[];
}

/** The memory of a machine that runs, written to a file: `vm dump`. */
export interface DumpRequest {
  readonly operation: "dump";
  readonly vm: string;
  readonly file: string;
}
