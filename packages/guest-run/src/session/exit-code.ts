import type { Outcome } from "./outcome.js";
import type { CommandResult } from "./result.js";

/** The exit codes that say what happened to kernel or guest, whatever ran in it: docs/exit-codes.md. */
export const guestExitCodes = {
  panicked: 250,
  oopsed: 251,
  hung: 252,
  "timed-out": 253,
  lost: 254,
  "not-started": 255,
} as const;

/** The exit status of `vm run --exec`: see docs/exit-codes.md. */
export function commandExitCode(outcome: Outcome): number {
  switch (outcome.kind) {
    case "exited":
      return outcome.status;
    case "signalled":
    case "stopped":
      return 128 + outcome.signal;
    case "panicked":
    case "oopsed":
    case "hung":
    case "timed-out":
    case "lost":
    case "not-started":
      return guestExitCodes[outcome.kind];
    default:
      return outcome satisfies never;
  }
}

/** What `git bisect run` understands: 0 good, 1 bad, 125 cannot be tested, 128 ends the bisection. */
export type BisectCode = 0 | 1 | 125 | 128;

/**
 * The exit status of `vm run --exec --bisect`. Only a kernel's or a command's own failure marks a commit bad: a command whose
 * reader went away fails for that.
 */
export function bisectExitCode({
  outcome,
  closedOutputs,
}: Pick<CommandResult, "outcome" | "closedOutputs">): BisectCode {
  const ownFailure = closedOutputs.length > 0 ? 128 : 1;
  switch (outcome.kind) {
    case "exited":
      return outcome.status === 0 ? 0 : ownFailure;
    case "signalled":
      return ownFailure;
    case "panicked":
    case "oopsed":
    case "hung":
    case "timed-out":
      return 1;
    case "lost":
      return outcome.by === "guest" ? 1 : 128;
    case "not-started":
      return startFailureCode[outcome.cause];
    case "stopped":
      return 128;
    default:
      return outcome satisfies never;
  }
}

const startFailureCode = { configuration: 125, image: 125, guest: 128, qemu: 128 } as const;
