import { parseKtap } from "@vm/ktap";
import { expect, test } from "vitest";
import { attemptsOf } from "../../src/attempts.js";
import { checkExpectations } from "../../src/expected/expectation-check.js";
import { judgeBy } from "../../src/expected/expected-ends.js";
import { parseExpectations, type ExpectationList } from "../../src/expected/expectations.js";
import { compareReports } from "../../src/history/comparison.js";
import { historyOf } from "../../src/history/history.js";
import { failureLines } from "../../src/report/failure-lines.js";
import { renderHtml } from "../../src/report/html.js";
import { matrixReport } from "../../src/report/json.js";
import { renderJunit } from "../../src/report/junit.js";
import { renderTable } from "../../src/report/table.js";
import type { CellEnd, MatrixResult } from "../../src/result.js";
import { cellVerdict, describeEnd, matrixExitCode } from "../../src/verdict.js";
import { matrix, passed, ran } from "../made-results.js";
import { junitComplaints, xpath } from "../report/xml.js";

const failed = ran({ kind: "exited", status: 1 }, { stderr: "no RTC\n" });

function inside(text: string, status = 0): CellEnd {
  const end = ran({ kind: "exited", status });
  const subtests = parseKtap(text);
  return end.kind === "ran" && subtests !== null ? { ...end, subtests } : end;
}

const suite = `TAP version 13
1..3
ok 1 selftests: timers: posix_timers
    TAP version 13
    1..2
    ok 1 read
    not ok 2 ioctl
not ok 2 selftests: timers: rtcpie # exit=1
ok 3 selftests: timers: later # SKIP no disk
`;

function listOf(text: string): ExpectationList {
  return { file: "known", lines: parseExpectations(text, "known") };
}

/** A matrix as it is when a list has judged it. Its kernels are 6.1.170. */
function judged(rows: Parameters<typeof matrix>[0], text: string): MatrixResult {
  const list = listOf(text);
  const judge = judgeBy(list);
  const result = matrix(rows);
  const cells = result.cells.map((cell) => {
    const kernel = result.kernels.find(({ name }) => name === cell.kernel);
    return kernel === undefined ? cell : { ...cell, end: judge(kernel, cell.test, cell.end) };
  });
  return { ...result, cells, expectations: checkExpectations(list, result.kernels, cells) };
}

function verdictOf(end: CellEnd, text: string): string {
  const [cell] = judged({ k: { suite: end } }, text).cells;
  return cell === undefined ? "none" : cellVerdict(cell.end);
}

test("a failure that is expected is a verdict of its own, and no failure of the run", () => {
  const result = judged({ k: { "./rtc.sh": failed, other: passed } }, "rtc.sh # no RTC here");
  expect(result.cells.map(({ end }) => cellVerdict(end))).toEqual(["xfail", "passed"]);
  expect(matrixExitCode(result)).toBe(0);
  const [cell] = result.cells;
  expect(cell && describeEnd(cell.end)).toBe(
    "failed as expected: no RTC here (known:1) (exited with status 1)",
  );
  expect(cell && failureLines(cell, "folded")).toEqual([]);
});

test("what breaks the kernel, takes too long or never ran is never expected", () => {
  const text = "suite # broken";
  expect(verdictOf(failed, text)).toBe("xfail");
  expect(verdictOf(ran({ kind: "signalled", signal: 11, name: "SIGSEGV" }), text)).toBe("xfail");
  const ends = [
    ran({ kind: "panicked", reason: "Kernel panic - not syncing: Fatal exception" }),
    ran({ kind: "oopsed", reason: "WARNING: x.c:1", complaint: "warn", status: 1 }),
    ran({ kind: "hung", reason: "soft lockup" }),
    ran({ kind: "timed-out", reason: "The command had not ended after 10 s.", phase: "command" }),
    ran({ kind: "lost", reason: "The guest powered off.", by: "guest" }),
  ];
  expect(ends.map((end) => verdictOf(end, text))).toEqual(ends.map(() => "failed"));
  expect(verdictOf(ran({ kind: "not-started", reason: "no image", cause: "image" }), text)).toBe("error");
  expect(verdictOf(passed, text)).toBe("passed");
});

test("tests inside a test are expected to fail one by one, and the test that says so by its status with them", () => {
  expect(verdictOf(inside(suite, 1), "timers: rtcpie / ioctl # no RTC")).toBe("xfail");
  expect(verdictOf(inside(suite, 0), "rtcpie / * # no RTC")).toBe("xfail");
  expect(verdictOf(inside(suite, 1), "suite # all of it")).toBe("xfail");
  expect(verdictOf(inside(suite, 1), "read # another one")).toBe("failed");
  expect(verdictOf(inside(suite.replace("1..3", "1..4"), 1), "ioctl # no RTC")).toBe("failed");
  expect(verdictOf(inside(`${suite}Bail out! no memory\n`, 1), "ioctl # no RTC")).toBe("failed");
  const two = suite.replace("ok 1 selftests", "not ok 1 selftests");
  expect(verdictOf(inside(two, 1), "ioctl # no RTC")).toBe("failed");
  // A status that no failure inside explains is the test's own.
  expect(verdictOf(inside(suite.replace("not ok 2 ioctl", "ok 2 ioctl"), 1), "read # wrong")).toBe("failed");
  const [cell] = judged({ k: { suite: inside(two, 1) } }, "ioctl # no RTC").cells;
  expect(cell?.end).toMatchObject({
    subtests: { verdict: "failed", counts: { failed: 1, "expected-failure": 1 } },
  });
});

test("from its release on a failure is one again, and that is told", () => {
  expect(verdictOf(failed, "suite # until 6.2: to be mended")).toBe("xfail");
  const late = judged({ k: { suite: failed } }, "suite # until 6.1: to be mended");
  expect(late.cells.map(({ end }) => cellVerdict(end))).toEqual(["failed"]);
  expect(matrixExitCode(late)).toBe(1);
  expect(late.expectations).toMatchObject({ overdue: [{ kernel: "k", line: 1 }], passed: [], unmatched: [] });
  expect(renderTable(late, { width: 100, colours: "plain" })).toContain(
    "expected to fail until 6.1, and still does: k \u00b7 suite (known:1)\n",
  );
});

test("one that passes and a line that fits nothing are told, and are no failures", () => {
  const text =
    "suite # was broken\nsuit # a slip\nread # was broken\nrtcpie / * # no RTC\nmended # until 6.1: x\nlater # y";
  const result = judged({ k: { suite: inside(suite, 1), mended: passed } }, text);
  const told = result.expectations;
  expect(told?.passed.map(({ line }) => line)).toEqual([3]);
  expect(told?.unmatched.map(({ line }) => line)).toEqual([2]);
  expect(told?.overdue).toEqual([]);
  const whole = judged({ k: { suite: passed } }, "suite # was broken");
  expect(matrixExitCode(whole)).toBe(0);
  const words = "expected to fail, and passed: k \u00b7 suite (known:1)";
  expect(renderTable(whole, { width: 100, colours: "plain" })).toContain(`${words}\n`);
  expect(renderHtml(whole)).toContain(words);
  expect(matrixReport(whole).expectations).toMatchObject({ passed: [{ kernel: "k", pattern: "suite" }] });
  expect(renderJunit(whole)).toContain('name="test.unexpected-pass" value="suite (line 1)"');
});

test("the table, JSON, JUnit and the page have it", () => {
  const result = judged({ k: { suite: failed, other: passed } }, "suite # until 6.2: a < b");
  const words = "failed as expected: a < b (known:1, until 6.2) (exited with status 1)";
  expect(renderTable(result, { width: 100, colours: "plain" })).toBe(
    `KERNEL  suite        other\nk       xfail 2.6 s  passed 2.6 s\n\nk \u00b7 suite: ${words}\n\n` +
      "1 passed, 1 failed as expected of 2 in 12.3 s, at most 2 guests at once\n",
  );
  const report = matrixReport(result);
  expect(report).toMatchObject({ passed: true, counts: { passed: 1, xfail: 1, failed: 0 } });
  expect(report.cells[0]).toMatchObject({
    verdict: "xfail",
    reason: words,
    run: { expected: "a < b (known:1, until 6.2)", outcome: { kind: "exited", status: 1 } },
  });
  const junit = renderJunit(result);
  expect(junitComplaints(junit)).toBe("");
  expect(xpath(junit, "string(//testcase[@name='suite']/skipped/@message)")).toBe(words);
  expect(xpath(junit, "string(//testsuite/@skipped)")).toBe("1");
  expect(xpath(junit, "string(//testsuite/@failures)")).toBe("0");
  const page = renderHtml(result);
  expect(page).toContain("1 of 2 tests passed, 1 failed as expected</h1>");
  expect(page).toContain("<h2>What failed as expected</h2>");
  expect(page).not.toContain("<h2>What did not pass</h2>");
});

/** What has changed between two runs, counted. */
function changes(before: MatrixResult, now: MatrixResult): object {
  const { newFailures, fixed, stillFailing } = compareReports(
    { name: "old.json", report: matrixReport(before) },
    matrixReport(now),
    "pass",
  );
  return { new: newFailures.length, fixed: fixed.length, still: stillFailing.length };
}

test("against an older run it is neither new nor fixed", () => {
  const known = judged({ k: { suite: failed } }, "suite # x");
  const plain = matrix({ k: { suite: failed } });
  const good = matrix({ k: { suite: passed } });
  expect(changes(plain, known)).toEqual({ new: 0, fixed: 0, still: 1 });
  expect(changes(good, known)).toEqual({ new: 0, fixed: 0, still: 0 });
  expect(changes(known, known)).toEqual({ new: 0, fixed: 0, still: 0 });
  expect(changes(known, good)).toEqual({ new: 0, fixed: 1, still: 0 });
  expect(changes(known, plain)).toEqual({ new: 1, fixed: 0, still: 0 });
  const history = historyOf(
    [known, known].map((each, index) => ({ name: String(index), report: matrixReport(each) })),
  );
  expect(history.rows).toMatchObject([{ states: ["expected", "expected"], trend: "failing" }]);
});

test("a failure that is expected is not tried again; of several runs one that fails otherwise decides", () => {
  const { cells } = judged({ k: { suite: failed } }, "suite # x");
  const expected = cells[0]?.end ?? passed;
  const once = attemptsOf({ repeat: 1, until: "count", retry: 3 });
  expect(once.add(expected)).toBe("done");
  const mixed = attemptsOf({ repeat: 3, until: "failure", retry: 0 });
  expect([mixed.add(expected), mixed.add(passed), mixed.hasFailed]).toEqual(["later", "later", false]);
  const sofar = mixed.end();
  expect(sofar && cellVerdict(sofar)).toBe("xfail");
  expect(mixed.add(failed)).toBe("done");
  const end = mixed.end();
  expect(end && cellVerdict(end)).toBe("failed");
});
