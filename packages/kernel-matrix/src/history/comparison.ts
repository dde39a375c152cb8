import type { MatrixReport } from "../report/json.js";
import type { ComparedRow, Comparison, TimedRow } from "./comparison-data.js";
import { keyOf, outcomeRows, type OutcomeRow } from "./outcome-rows.js";
import type { OldReport } from "./read-report.js";

/**
 * Compares by the names of kernels and tests; where each run has one kernel, these are compared whatever their names.
 *
 * @param flaky `fail`: a test that passed when it was tried again is a failure
 */
export function compareReports(
  { name, report: old }: OldReport,
  report: Pick<MatrixReport, "cells" | "kernels">,
  flaky: "fail" | "pass",
): Comparison {
  const now = outcomeRows(report);
  const before = renamed(outcomeRows(old), old, report);
  const isBad = ({ state }: OutcomeRow): boolean =>
    state === "failed" || state === "not-run" || (state === "flaky" && flaky === "fail");
  const lists = {
    newFailures: [] as ComparedRow[],
    fixed: [] as ComparedRow[],
    stillFailing: [] as ComparedRow[],
    added: [] as ComparedRow[],
    slower: [] as TimedRow[],
    faster: [] as TimedRow[],
  };
  for (const [key, row] of now) {
    const was = before.get(key);
    const told = compared(row);
    if (isBad(row)) lists[was !== undefined && isBad(was) ? "stillFailing" : "newFailures"].push(told);
    else if (row.state === "expected" && was !== undefined && isBad(was)) lists.stillFailing.push(told);
    else if (was === undefined) lists.added.push(told);
    else if (isBad(was) || (was.state === "expected" && row.state === "passed")) lists.fixed.push(told);
    else {
      const change = timeChange(was.passedMs, row.passedMs);
      if (change !== null)
        lists[change.kind].push({ ...told, beforeMs: change.beforeMs, nowMs: change.nowMs });
    }
  }
  return {
    file: name,
    startedAt: old.startedAt,
    ...lists,
    vanished: [...before].flatMap(([key, row]) => (now.has(key) ? [] : [compared(row)])),
  };
}

function compared({ kernel, path, reason }: OutcomeRow): ComparedRow {
  return { kernel, path, reason };
}

/** A kernel is often named by its release, which changes; a run of one kernel is compared with a run of one kernel. */
function renamed(
  rows: Map<string, OutcomeRow>,
  { kernels: before }: Pick<MatrixReport, "kernels">,
  { kernels: now }: Pick<MatrixReport, "kernels">,
): Map<string, OutcomeRow> {
  const [only, other] = now;
  if (only === undefined || other !== undefined || before.length !== 1) return rows;
  return new Map(
    [...rows].map(([key, row]) => {
      const [, ...path]: string[] = JSON.parse(key);
      return [keyOf({ kernel: only.name, path }), { ...row, kernel: only.name }];
    }),
  );
}

/** A single time says little of the next one: it counts from twice the time, and a second, on. */
const FACTOR = 2;
const LEAST_MS = 1000;
/** Where both were run several times: all of one are beyond all of the other, and by a tenth. */
const BEYOND = 1.1;

interface TimeChange {
  readonly kind: "faster" | "slower";
  readonly beforeMs: number;
  readonly nowMs: number;
}

export function timeChange(before: readonly number[], now: readonly number[]): TimeChange | null {
  if (before.length === 0 || now.length === 0) return null;
  const [beforeMs, nowMs] = [median(before), median(now)];
  const kind = nowMs > beforeMs ? "slower" : "faster";
  const [less, more] = kind === "slower" ? [before, now] : [now, before];
  const several = before.length > 1 && now.length > 1;
  const isBeyond = several
    ? Math.min(...more) > Math.max(...less) * BEYOND
    : median(more) > median(less) * FACTOR && median(more) - median(less) > LEAST_MS;
  return isBeyond ? { kind, beforeMs: Math.round(beforeMs), nowMs: Math.round(nowMs) } : null;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}
