import { ktapStatuses, type KtapReport, type KtapStatus } from "@vm/ktap";
import { describeOutcome, outcomeVerdict, type Verdict as OutcomeVerdict } from "@vm/operations";
import type { CellEnd, CellResult, GuestPlace, MatrixResult, TaintLeft } from "./result.js";

/** That of an outcome; `flaky`: it did not pass at first, and did when it was tried again; `xfail`: it failed, as it was expected to. */
export type Verdict = OutcomeVerdict | "flaky" | "xfail";

/** In the order in which they are counted. */
export const verdicts: readonly Verdict[] = ["passed", "flaky", "xfail", "failed", "error", "skipped"];

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
  if (end.expected !== undefined) return "xfail";
  if (verdict !== "passed") return verdict;
  if (isBelied(end)) return "failed";
  return isFlaky(end) ? "flaky" : verdict;
}

/** It passed in the end, and not every time. */
function isFlaky({ attempts }: Ran): boolean {
  return attempts !== undefined && attempts.passed < attempts.total;
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
  const { attempts } = end;
  if (attempts === undefined) return describeRun(end);
  const failed = attempts.total - attempts.passed;
  if (cellVerdict(end) !== "flaky") {
    return failed === 0
      ? `${describeRun(end)}, ${attempts.total} times`
      : `${describeRun(end)}; ${failed} of ${attempts.total} runs did not pass`;
  }
  const first = attempts.list.find(({ verdict }) => verdict !== "passed");
  return `passed when it was tried again: ${failed} of ${attempts.total} runs did not pass (${first?.reason ?? "none of those that were kept"})`;
}

/** A single run, whatever became of the others. */
function describeRun(end: Ran): string {
  if (end.expected === undefined) return describeUnexpected(end);
  return `failed as expected: ${end.expected} (${describeUnexpected(end)})`;
}

function describeUnexpected(end: Ran): string {
  const { result, subtests, lacks } = end;
  const { label } = describeOutcome(result.outcome);
  if (outcomeVerdict(result.outcome) === "passed" && lacks !== undefined) return lacks;
  if (subtests === undefined) return label;
  const inside = describeSubtests(subtests);
  const isInside = isBelied(end) || end.expected !== undefined;
  return outcomeVerdict(result.outcome) === "passed" && isInside ? inside : `${label}; ${inside}`;
}

/** `left the kernel tainted: WARN` */
export function describeTaint({ added, tainted }: TaintLeft): string {
  return `left the kernel tainted: ${added.join(", ") || tainted}`;
}

/** `in guest 2 of its kernel, as its third test, after ./mount.sh` */
export function describePlace({ number, position, after }: GuestPlace): string {
  const before = after === null ? "as its first test" : `as its test ${position}, after ${after}`;
  return `in guest ${number} of its kernel, ${before}`;
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
    const verdict = cellVerdict(end);
    if (verdict === "flaky" || verdict === "xfail") return verdict;
    const isOther = outcomeVerdict(end.result.outcome) === "passed" && isBelied(end);
    return isOther ? "subtests-failed" : end.result.outcome.kind;
  }
  return end.kind === "skipped" ? "skipped" : end.problem.code;
}

export type VerdictCounts = { readonly [verdict in Verdict]: number };

export function countVerdicts(cells: readonly CellResult[]): VerdictCounts {
  const counts = { passed: 0, flaky: 0, xfail: 0, failed: 0, error: 0, skipped: 0 };
  for (const { end } of cells) counts[cellVerdict(end)] += 1;
  return counts;
}

/** Whether the whole is a success. No cells are none: a missing answer is never success. */
export function hasPassed({
  cells,
  flaky = "pass",
  withoutCells,
}: Pick<MatrixResult, "cells" | "flaky" | "withoutCells">): boolean {
  if (cells.length === 0) return withoutCells === "nothing to do";
  return cells.every(({ end }) => isGood(cellVerdict(end), flaky));
}

/** Whether a verdict is no reason for the whole to fail. */
export function isGood(verdict: Verdict, flaky: "fail" | "pass" = "pass"): boolean {
  return verdict === "passed" || verdict === "xfail" || (verdict === "flaky" && flaky === "pass");
}

/**
 * The exit code of a matrix: 0 when every cell passed (`hasPassed`), or against an older run when there are no new failures; 128 + N when signal N ended the run, else 1. No cells is 1, but for a part that has
 * none: a missing answer is never success. See docs/exit-codes.md.
 */
export function matrixExitCode(result: MatrixResult): number {
  if (result.stoppedBy !== null) return 128 + result.stoppedBy;
  if (result.comparison !== undefined && result.cells.length > 0)
    return result.comparison.newFailures.length === 0 ? 0 : 1;
  return hasPassed(result) ? 0 : 1;
}
