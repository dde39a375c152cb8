import type { Outcome } from "@vm/guest-run";

/** How a run ended, as a sentence; undefined when the command ended by itself and its status says all. */
export function describeOutcome(outcome: Outcome): string | undefined {
  switch (outcome.kind) {
    case "exited":
      return undefined;
    case "signalled":
      return `the command was killed by ${outcome.name}`;
    case "panicked":
      return `the kernel panicked: ${outcome.reason}`;
    case "oopsed":
      return `the kernel complained (${outcome.complaint}): ${outcome.reason}`;
    case "hung":
      return `the guest hung: ${outcome.reason}`;
    case "timed-out":
      return `timed out: ${outcome.reason}`;
    case "lost":
      return `the guest was lost: ${outcome.reason}`;
    case "not-started":
      return `the command never began: ${outcome.reason}`;
    case "stopped":
      return `stopped by signal ${outcome.signal}`;
    default:
      return outcome satisfies never;
  }
}
