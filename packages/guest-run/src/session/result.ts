import type { DumpOutcome } from "../debug/panic-watch.js";
import type { KernelComplaint, Outcome } from "./outcome.js";

/** Everything there is to say about a command that was run in a guest. */
export interface CommandResult {
  readonly outcome: Outcome;
  /** What the kernel complained of on its console, in order. */
  readonly complaints: readonly KernelComplaint[];
  /** How many more there were: of each kind the first hundred are kept. */
  readonly droppedComplaints: number;
  /** `uname -r` in the guest; null when the guest did not get so far. */
  readonly release: string | null;
  readonly durations: CommandDurations;
  /** The streams whose reader went away while the command ran, which then gets SIGPIPE. */
  readonly closedOutputs: readonly ("stdout" | "stderr" | "terminal")[];
  /** The last lines of the console. */
  readonly consoleTail: readonly string[];
  /** The lines of the console around what the kernel complained of, oldest first: its reports are whole in them. */
  readonly complaintLines: readonly string[];
  /** QEMU and its arguments; empty when it was not started. */
  readonly argv: readonly string[];
  /** What QEMU said on its standard error. */
  readonly qemuStderr: string;
  readonly command: Uint8Array;
  /** What came of `RunCommand.dumpFile`; null when it was not asked for, or nothing was to be dumped. */
  readonly dump: DumpOutcome | null;
}

/** Milliseconds from the call to the event; null when it did not come. */
export interface CommandDurations {
  readonly firstConsoleByteMs: number | null;
  readonly initMs: number | null;
  readonly commandMs: number | null;
  /** The command's end, as the guest said it. */
  readonly statusMs: number | null;
  /** Until QEMU was gone. */
  readonly totalMs: number;
}
