import { parseKtap } from "@vm/ktap";
import { array, assert, constantFrom, property } from "fast-check";
import { expect, test } from "vitest";
import { compareReports, timeChange } from "../../src/history/comparison.js";
import { comparisonLines } from "../../src/history/comparison-words.js";
import { historyOf, trendOf } from "../../src/history/history.js";
import { renderHistory, renderHistoryHtml } from "../../src/history/history-table.js";
import type { OldReport } from "../../src/history/read-report.js";
import { matrixReport } from "../../src/report/json.js";
import { renderTable } from "../../src/report/table.js";
import type { CellEnd } from "../../src/result.js";
import { matrixExitCode } from "../../src/verdict.js";
import { matrix, passed, ran } from "../made-results.js";

const failed = ran({ kind: "exited", status: 1 });
const skipped: CellEnd = { kind: "skipped", reason: "another test failed before (--fail-fast)" };
const unusable: CellEnd = { kind: "unusable", problem: { code: "KERNEL_NOT_BUILT", message: "no image" } };

function old(name: string, rows: Parameters<typeof matrix>[0], startedAt?: string): OldReport {
  const report = matrixReport(matrix(rows));
  return { name, report: startedAt === undefined ? report : { ...report, startedAt } };
}

const inside = (text: string): CellEnd => {
  const subtests = parseKtap(text);
  return { ...passed, ...(subtests === null ? {} : { subtests }) };
};

function names(rows: readonly { readonly path: readonly string[] }[]): string[] {
  return rows.map(({ path }) => path.join("/"));
}

test("each row is one of: new failure, fixed, still failing, new, vanished, as before", () => {
  const before = old("old.json", { k: { a: passed, b: failed, c: failed, d: passed, e: passed, f: passed } });
  const now = matrix({ k: { a: failed, b: passed, c: failed, e: skipped, f: passed, g: passed, h: failed } });
  const comparison = compareReports(before, matrixReport(now), "pass");
  expect(names(comparison.newFailures)).toEqual(["a", "e", "h"]);
  expect(names(comparison.fixed)).toEqual(["b"]);
  expect(names(comparison.stillFailing)).toEqual(["c"]);
  expect(names(comparison.added)).toEqual(["g"]);
  expect(names(comparison.vanished)).toEqual(["d"]);
  expect(comparisonLines(comparison)).toEqual([
    "Against old.json: 3 new failures, 1 fixed, 1 still failing, 1 new, 1 vanished",
    "    new failure: k \u00b7 a: exited with status 1",
    "    new failure: k \u00b7 e: another test failed before (--fail-fast)",
    "    new failure: k \u00b7 h: exited with status 1",
    "    fixed: k \u00b7 b",
    "    vanished: k \u00b7 d",
  ]);
});

test("only new failures make a failure of the run, and the table tells them", () => {
  const before = old("old.json", { k: { a: failed, b: passed } });
  const same = matrix({ k: { a: failed, b: passed } });
  const worse = matrix({ k: { a: failed, b: unusable } });
  const code = (result: typeof same): number =>
    matrixExitCode({ ...result, comparison: compareReports(before, matrixReport(result), "pass") });
  expect(matrixExitCode(same)).toBe(1);
  expect([code(same), code(worse)]).toEqual([0, 1]);
  const told = { ...same, comparison: compareReports(before, matrixReport(same), "pass") };
  expect(renderTable(told, { width: 100, colours: "plain" })).toContain(
    "\nAgainst old.json: 0 new failures, 1 still failing\n\n1 passed, 1 failed of 2",
  );
  // Nothing was run: a missing answer is never success.
  const none = { ...same, cells: [] };
  expect(matrixExitCode({ ...none, comparison: compareReports(before, matrixReport(none), "pass") })).toBe(1);
});

test("tests inside tests are compared by their names, and one kernel with one kernel", () => {
  const before = old("old.json", { "6.1": { suite: inside("TAP version 13\n1..2\nok 1 x\nnot ok 2 y\n") } });
  const now = matrixReport(
    matrix({ "7.2": { suite: inside("TAP version 13\n1..2\nnot ok 1 x\nok 2 y\n") } }),
  );
  const { newFailures, fixed, stillFailing, vanished } = compareReports(before, now, "pass");
  expect(newFailures.map(({ kernel, path }) => [kernel, ...path])).toEqual([["7.2", "suite", "x"]]);
  expect(fixed.map(({ path }) => path)).toEqual([["suite", "y"]]);
  expect(stillFailing.map(({ path }) => path)).toEqual([["suite"]]);
  expect(vanished).toEqual([]);
});

test("a time changes where it is beyond what times differ by", () => {
  expect(timeChange([100], [199])).toBeNull();
  expect(timeChange([100], [900])).toBeNull();
  expect(timeChange([1000], [2500])).toEqual({ kind: "slower", beforeMs: 1000, nowMs: 2500 });
  expect(timeChange([2500], [1000])).toMatchObject({ kind: "faster" });
  // Several times each: they must not overlap.
  expect(timeChange([100, 110, 120], [135, 140, 150])).toMatchObject({ kind: "slower", nowMs: 140 });
  expect(timeChange([100, 110, 140], [131, 140, 150])).toBeNull();
  expect(timeChange([], [1000])).toBeNull();
});

test("a history has a column for each run, the oldest first, and says where it goes", () => {
  const history = historyOf([
    old("new.json", { k: { a: failed, b: passed, c: passed } }, "2026-03-01T00:00:00Z"),
    old("old.json", { k: { a: passed, b: failed, d: passed } }, "2026-01-01T00:00:00Z"),
  ]);
  expect(renderHistory(history)).toBe(
    `KERNEL  TEST  old.json      new.json      TREND
k       a     passed 2.6 s  FAILED        broke
k       b     FAILED        passed 2.6 s  fixed
k       d     passed 2.6 s  -             steady
k       c     -             passed 2.6 s  steady

2 runs: 1 broke, 1 fixed, 0 unstable, 0 failing, 2 steady
`,
  );
  expect(renderHistoryHtml(history)).toContain('<td class="failed">');
});

test("a trend is what all runs say together", () => {
  expect(trendOf(["passed", null, "passed"])).toBe("steady");
  expect(trendOf(["passed", "failed", "passed"])).toBe("unstable");
  expect(trendOf(["flaky", "passed"])).toBe("unstable");
  expect(trendOf([null, "skipped"])).toBe("none");
  const states = array(constantFrom("passed" as const, "failed" as const), { minLength: 1 });
  const rule = property(states, (list) => {
    const back = trendOf(list.toReversed());
    const opposite = { broke: "fixed", fixed: "broke" } as const;
    const trend = trendOf(list);
    expect(back).toBe(trend === "broke" || trend === "fixed" ? opposite[trend] : trend);
  });
  assert(rule, { numRuns: 200 });
});
