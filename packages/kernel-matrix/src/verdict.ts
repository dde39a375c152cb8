import { ktapStatuses, type KtapReport, type KtapStatus } from "@vm/ktap";
import { describeOutcome, outcomeVerdict, type Verdict } from "@vm/operations";
import type { CellEnd, CellResult, MatrixResult } from "./result.js";

export type { Verdict };

/** In the order in which they are counted. */
export const verdicts: readonly Verdict[] = ["passed", "failed", "error", "skipped"];

export function cellVerdict(end: CellEnd): Verdict {
  switch (end.kind) {
    case "ran":
      return ranVerdict(end);
    case "unusable":
    case "broken":
      return "error";
    case "skipped":
      return "skipped";
    default:
      return end satisfies never;
  }
}

type Ran = Extract<CellEnd, { kind: "ran" }>;

/** What the command says, and no success where a test inside it says something else. */
function ranVerdict(end: Ran): Verdict {
  const verdict = outcomeVerdict(end.result.outcome);
  return verdict === "passed" && isBelied(end) ? "failed" : verdict;
}

/** Whether the results inside a command do not bear its success out. */
function isBelied({ subtests, lacks }: Ran): boolean {
  return subtests?.verdict === "failed" || lacks !== undefined;
}

/** How a cell ended, as one line that needs no other to be understood. */
export function describeEnd(end: CellEnd): string {
  switch (end.kind) {
    case "ran":
      return describeRan(end);
    case "unusable":
    case "broken":
      return end.problem.message;
    case "skipped":
      return end.reason;
    default:
      return end satisfies never;
  }
}

function describeRan(end: Ran): string {
  const { result, subtests, lacks } = end;
  const { label } = describeOutcome(result.outcome);
  if (outcomeVerdict(result.outcome) === "passed" && lacks !== undefined) return lacks;
  if (subtests === undefined) return label;
  const inside = describeSubtests(subtests);
  return outcomeVerdict(result.outcome) === "passed" && isBelied(end) ? inside : `${label}; ${inside}`;
}

/** `8 passed, 1 was running: list-test` */
export function describeSubtests({ counts, bailOut, problems, tests }: KtapReport): string {
  const told = ktapStatuses
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${ktapWords[status]}`);
  const running = tests.findLast(({ status }) => status === "unfinished");
  return [
    told.join(", ") || problems.at(-1) || "no test was run",
    ...(running === undefined ? [] : [`cut off in ${pathOfRunning(running).join(" / ")}`]),
    ...(bailOut === null ? [] : [`bail out: ${bailOut}`]),
  ].join("; ");
}

function pathOfRunning({ name, subtests }: KtapReport["tests"][number]): string[] {
  const inner = subtests.findLast(({ status }) => status === "unfinished");
  return [name, ...(inner === undefined ? [] : pathOfRunning(inner))];
}

/** The statuses of tests inside a command, in words. */
export const ktapWords: { readonly [status in KtapStatus]: string } = {
  passed: "passed",
  failed: "failed",
  unfinished: "did not end",
  "not-run": "not run",
  skipped: "skipped",
  "expected-failure": "failed as expected",
};

/** A stable word for how a cell ended: the outcome's kind, or the problem's code. */
export function endType(end: CellEnd): string {
  if (end.kind === "ran") {
    const isOther = outcomeVerdict(end.result.outcome) === "passed" && isBelied(end);
    return isOther ? "subtests-failed" : end.result.outcome.kind;
  }
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
