import { countTests, isBad, OVERFLOW, type KtapReport, type KtapTest } from "./ktap-report.js";

/** Why the failure of a test is expected; null: it is not. @param path the names of those that it is part of, and its own */
export type ExpectedReason = (path: readonly string[]) => string | null;

/**
 * The report with the failures that are expected as such: `not ok` becomes `expected-failure`. A test that failed with its subtests has failed
 * as expected where each that failed of them has. What did not end, or was not run, is no such failure. Null where nothing of it changes.
 */
export function expectFailures(report: KtapReport, reasonOf: ExpectedReason): KtapReport | null {
  let changes = false;
  const judge = (test: KtapTest, above: readonly string[]): KtapTest => {
    const path = [...above, test.name];
    const subtests = test.subtests.map((each) => judge(each, path));
    if (test.status !== "failed") return changes ? { ...test, subtests } : test;
    if (subtests.some(({ status }) => isBad(status))) return { ...test, subtests };
    const inside = test.subtests.some(({ status }) => isBad(status));
    const reason = reasonOf(path) ?? (inside ? "what failed in it was expected to" : null);
    if (reason === null) return { ...test, subtests };
    changes = true;
    return { ...test, subtests, status: "expected-failure", directive: "XFAIL", reason };
  };
  const tests = report.tests.map((test) => judge(test, []));
  if (!changes) return null;
  const counts = countTests(tests);
  const bad = counts.failed + counts.unfinished + counts["not-run"];
  const isWhole = report.bailOut === null && !report.problems.includes(OVERFLOW);
  return { ...report, tests, counts, verdict: bad > 0 || !isWhole ? "failed" : "passed" };
}
