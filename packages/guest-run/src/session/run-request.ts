import type { Readable, Writable } from "node:stream";
import type { QemuOption } from "@vm/qemu-argv";
import type { DiskGuest } from "../disk/guest.js";
import type { EmbeddedGuest } from "../embedded/guest.js";
import type { CommandUser } from "../protocol/request.js";
import type { ComplaintKind } from "@vm/kernel-report";

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
   * Called when a guest that failed stands still: after a panic, a hang, at the end of the time, and by `failed`. QEMU is ended when it
   * settles. Not with `dumpFile`.
   */
  readonly onStandstill?: () => Promise<void>;
  /** `kept`: what is done after a panic (`dumpFile`, `onStandstill`) is done after a command that failed, too. Default: `ended`. */
  readonly failed?: "ended" | "kept";
  /**
   * Where the guest's memory goes when the kernel panicked or hung, or the time was over: absolute. See `dumpMemory`. QEMU's
   * note for its readers (`dumpNoteDevice`) is the guest's own option.
   */
  readonly dumpFile?: string;
  /** `endless`: somebody looks at the guest with a debugger, so neither a panic nor a hang ends it. */
  readonly patience?: "usual" | "endless";
  /** Where more commands are brought into the guest while it runs: the path of a UNIX socket that QEMU makes. Default: nowhere. */
  readonly execSocket?: string;
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

/** What can be done to a command while it runs. */
export interface CommandControl {
  /** QEMU's pid. */
  readonly pid: number | null;
  /** QEMU and its arguments. */
  readonly argv?: readonly string[];
  /** Sends a signal (`INT`, `TERM`) to the command's process group. False when the command has not begun. */
  signal(name: string): boolean;
  /** Tells the command's terminal its size. */
  resize(rows: number, columns: number): void;
  /** Kills the guest. The outcome is `stopped`. */
  stop(signal: number): void;
}
