import {
  bisectExitCode,
  commandExitCode,
  type BisectCode,
  type CommandResult,
  type Outcome,
} from "@vm/guest-run";

/**
 * `passed`: the command exited with 0 and the kernel had no complaint that counts. `failed`: the command or the kernel did.
 * `error`: the command could not be run, so nothing is known of it. `skipped`: its turn never came.
 */
export type Verdict = "passed" | "failed" | "error" | "skipped";

/** What the outcome of a command means: the one place for it. docs/exit-codes.md explains the codes. */
export interface OutcomeMeaning {
  /** For a line beside the names of kernel and command. */
  readonly label: string;
  /** For a person who ran one command; null when it ended by itself, and its status says all. */
  readonly sentence: string | null;
  readonly verdict: Verdict;
  /** Of a run of this one command. */
  readonly exitCode: number;
  /** The same for `git bisect run`. */
  readonly bisectCode: BisectCode;
}

export function outcomeMeaning(result: Pick<CommandResult, "closedOutputs" | "outcome">): OutcomeMeaning {
  const { outcome } = result;
  return {
    ...describeOutcome(outcome),
    verdict: outcomeVerdict(outcome),
    exitCode: commandExitCode(outcome),
    bisectCode: bisectExitCode(result),
  };
}

/** An outcome in words. */
export function describeOutcome(outcome: Outcome): Pick<OutcomeMeaning, "label" | "sentence"> {
  switch (outcome.kind) {
    case "exited":
      return { label: `exited with status ${outcome.status}`, sentence: null };
    case "signalled":
      return { label: `killed by ${outcome.name}`, sentence: `the command was killed by ${outcome.name}` };
    case "panicked":
      return {
        label: `kernel panic: ${outcome.reason.replace(/^Kernel panic - not syncing: /, "")}`,
        sentence: `the kernel panicked: ${outcome.reason}`,
      };
    case "oopsed":
      return {
        label: `${outcome.complaint} of the kernel: ${outcome.reason}`,
        sentence: `the kernel complained (${outcome.complaint}): ${outcome.reason}`,
      };
    case "hung":
      return same(`the guest hung: ${outcome.reason}`);
    case "timed-out":
      return same(`timed out: ${outcome.reason}`);
    case "lost":
      return same(`the guest was lost: ${outcome.reason}`);
    case "not-started":
      return {
        label: `not started: ${outcome.reason}`,
        sentence: `the command never began: ${outcome.reason}`,
      };
    case "stopped":
      return same(`stopped by signal ${outcome.signal}`);
    default:
      return outcome satisfies never;
  }
}

function same(words: string): { label: string; sentence: string } {
  return { label: words, sentence: words };
}

export function outcomeVerdict(outcome: Outcome): Verdict {
  switch (outcome.kind) {
    case "exited":
      return outcome.status === 0 ? "passed" : "failed";
    case "signalled":
    case "panicked":
    case "oopsed":
    case "hung":
    case "timed-out":
      return "failed";
    case "lost":
      return outcome.by === "guest" ? "failed" : "error";
    case "not-started":
      return "error";
    case "stopped":
      return "skipped";
    default:
      return outcome satisfies never;
  }
}
