import { commandExitCode } from "./exit-code.js";
import type { KernelComplaint, Outcome } from "./outcome.js";
import type { CommandDurations, CommandResult } from "./result.js";

/** A run as JSON: what `--report FILE` writes. */
export interface CommandReport {
  readonly version: 1;
  readonly outcome: Outcome;
  /** The command's own status; null when there is none. */
  readonly status: number | null;
  /** What `vm run --exec` exits with. */
  readonly exitCode: number;
  /** `uname -r` of the guest. */
  readonly release: string | null;
  /** Whole milliseconds; null for what did not happen. */
  readonly durations: CommandDurations;
  readonly complaints: readonly KernelComplaint[];
  /** How many more there were: of each kind the first hundred are kept. */
  readonly droppedComplaints: number;
  /** As UTF-8; `commandBase64` instead where it is not. */
  readonly command?: string;
  readonly commandBase64?: string;
  /** QEMU and its arguments. */
  readonly argv: readonly string[];
  /** The last lines of the console; empty after an exit. */
  readonly console: readonly string[];
  readonly qemuStderr: string;
  /** Where the guest's memory was written to; null when it was not. */
  readonly dump: string | null;
}

/** The result as plain data for a report. Pure. */
export function commandReport(result: CommandResult): CommandReport {
  const { outcome, release, complaints, argv, qemuStderr } = result;
  const text = Buffer.from(result.command).toString();
  const isText = Buffer.from(text).equals(result.command);
  return {
    version: 1,
    outcome,
    status: ownStatus(outcome),
    exitCode: commandExitCode(outcome),
    release,
    durations: wholeMilliseconds(result.durations),
    complaints,
    droppedComplaints: result.droppedComplaints,
    ...(isText ? { command: text } : { commandBase64: Buffer.from(result.command).toString("base64") }),
    argv,
    console: outcome.kind === "exited" ? [] : result.consoleTail,
    qemuStderr,
    dump: result.dump !== null && "file" in result.dump ? result.dump.file : null,
  };
}

function ownStatus(outcome: Outcome): number | null {
  if (outcome.kind === "exited" || outcome.kind === "oopsed") return outcome.status;
  return outcome.kind === "signalled" ? 128 + outcome.signal : null;
}

function wholeMilliseconds(durations: CommandDurations): CommandDurations {
  return {
    firstConsoleByteMs: round(durations.firstConsoleByteMs),
    initMs: round(durations.initMs),
    commandMs: round(durations.commandMs),
    statusMs: round(durations.statusMs),
    totalMs: Math.round(durations.totalMs),
  };
}

function round(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Math.round(milliseconds);
}
