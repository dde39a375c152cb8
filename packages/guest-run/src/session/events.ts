import type { GuestEvent } from "../protocol/status-protocol.js";
import type { ConsoleFinding } from "./console-watch.js";
import type { QemuEnd } from "./qemu-process.js";

/** The outputs of a command: all of each has to come before there is an answer. */
export type OutputChannel = "stdout" | "stderr" | "terminal";

/** What can happen to a session. Times are milliseconds since the call of `runCommand`. */
export type SessionEvent =
  /** The kernel wrote the first byte of its console. */
  | { readonly kind: "console-began"; readonly atMs: number }
  | { readonly kind: "console-found"; readonly finding: ConsoleFinding }
  /** A line came on the status port. */
  | { readonly kind: "guest-said"; readonly event: GuestEvent; readonly atMs: number }
  /** The end mark of an output came. */
  | { readonly kind: "output-complete"; readonly channel: OutputChannel }
  /** Whoever read an output of ours has gone. */
  | { readonly kind: "reader-gone"; readonly channel: OutputChannel }
  /** A stream of ours failed: what the guest says cannot be written, or our input cannot be read. */
  | { readonly kind: "stream-failed"; readonly error: Error }
  /** The person ends the run. */
  | { readonly kind: "stop"; readonly signal: number }
  /** The person sends the command a signal (`INT`). */
  | { readonly kind: "signal"; readonly name: string }
  | { readonly kind: "resize"; readonly rows: number; readonly columns: number }
  | { readonly kind: "timer"; readonly timer: SessionTimer; readonly readers: ReaderPace }
  /** QEMU has ended, and all that it had written was read. */
  | { readonly kind: "qemu-ended"; readonly end: QemuEnd };

/**
 * How the readers of our outputs get on: they have taken everything (`idle`), there are bytes that they have not taken yet (`behind`), or
 * so many that the guest is made to wait (`full`).
 */
export type ReaderPace = "idle" | "behind" | "full";

export type SessionTimer =
  /** The time for the whole run, and for the way to the command. */
  | "timeout"
  | "boot-timeout"
  /** How long the last words of a console are waited for. */
  | "panic"
  | "hang"
  /** How long a command is waited for that a boot which has given up may have begun all the same. */
  | "stranded"
  /** How long the end of the output is waited for, after the status. */
  | "output"
  /** How long a reader of ours is waited for that takes nothing, after the run was given up. */
  | "readers"
  /** How long a guest may take to power off after its answer. */
  | "power-off"
  /** How long QEMU may take to end itself. */
  | "kill";

/** What is to be done, beside timers. */
export type SessionEffect =
  /** Write a line to the guest's status port. */
  | { readonly kind: "tell"; readonly line: string }
  /** The command reads its input from now on. */
  | { readonly kind: "begin-input" }
  /** Read what is left of the output, and drop it. */
  | { readonly kind: "drop-output" }
  /** The guest is lost: write its memory, where a dump is wanted, and kill QEMU. */
  | { readonly kind: "give-up" }
  | { readonly kind: "kill"; readonly signal: "SIGTERM" | "SIGKILL" };
