import { describeOutcome, outcomeVerdict, type Verdict } from "@vm/operations";
import type { CellEnd, CellResult, MatrixResult } from "./result.js";

export type { Verdict };

/** In the order in which they are counted. */
export const verdicts: readonly Verdict[] = ["passed", "failed", "error", "skipped"];

export function cellVerdict(end: CellEnd): Verdict {
  switch (end.kind) {
    case "ran":
      return outcomeVerdict(end.result.outcome);
    case "unusable":
    case "broken":
      return "error";
    case "skipped":
      return "skipped";
    default:
      return end satisfies never;
  }
}

/** How a cell ended, as one line that needs no other to be understood. */
export function describeEnd(end: CellEnd): string {
  switch (end.kind) {
    case "ran":
      return describeOutcome(end.result.outcome).label;
    case "unusable":
    case "broken":
      return end.problem.message;
    case "skipped":
      return end.reason;
    default:
      return end satisfies never;
  }
}

/** A stable word for how a cell ended: the outcome's kind, or the problem's code. */
export function endType(end: CellEnd): string {
  if (end.kind === "ran") return end.result.outcome.kind;
  return end.kind === "skipped" ? "skipped" : end.problem.code;
}

export type VerdictCounts = { readonly [verdict in Verdict]: number };

export function countVerdicts(cells: readonly CellResult[]): VerdictCounts {
  const counts = { passed: 0, failed: 0, error: 0, skipped: 0 };
  for (const { end } of cells) counts[cellVerdict(end)] += 1;
  return counts;
}

/**
 * The exit code of a matrix: 0 when every cell passed, 128 + N when signal N ended the run, else 1. No cells is 1: a missing
 * answer is never success. See docs/exit-codes.md.
 */
export function matrixExitCode({ cells, stoppedBy }: MatrixResult): number {
  if (stoppedBy !== null) return 128 + stoppedBy;
  return cells.length > 0 && cells.every(({ end }) => cellVerdict(end) === "passed") ? 0 : 1;
}
