import { expect, test } from "vitest";
import { attemptsOf } from "../../src/attempts.js";
import { failureLines } from "../../src/report/failure-lines.js";
import { renderHtml } from "../../src/report/html.js";
import { matrixReport } from "../../src/report/json.js";
import { renderJunit } from "../../src/report/junit.js";
import { renderTable } from "../../src/report/table.js";
import type { MatrixResult } from "../../src/result.js";
import { matrix, passed, ran } from "../made-results.js";

/** A test that failed once, with a line of why, and then passed. */
function flaky(): MatrixResult {
  const attempts = attemptsOf({ repeat: 1, until: "count", retry: 1 });
  attempts.add(ran({ kind: "exited", status: 7 }, { stderr: "the race was lost\n" }));
  attempts.add(passed);
  const end = attempts.end() ?? passed;
  return { ...matrix({ linux: { race: end } }), shuffle: { seed: 42, order: ["race"] } };
}

const words = "passed when it was tried again: 1 of 2 runs did not pass (exited with status 7)";

test("a flaky test has a word and a colour of its own in the table, and its reason", () => {
  expect(renderTable(flaky(), { width: 100, colours: "colours" })).toBe(
    `KERNEL  race
linux   \u001b[1;33mFLAKY 2.6 s\u001b[0m

linux \u00b7 race: ${words}

0 passed, 1 flaky of 1 in 12.3 s, at most 2 guests at once, in the order of --seed 42
`,
  );
  const [cell] = flaky().cells;
  expect(cell && failureLines(cell, "folded")).toEqual(["the race was lost"]);
});

test("the JSON report has every run, and all of the one that did not pass", () => {
  const report = matrixReport(flaky());
  expect(report).toMatchObject({
    passed: true,
    counts: { passed: 0, flaky: 1 },
    shuffle: { seed: 42, order: ["race"] },
    cells: [{ verdict: "flaky", reason: words }],
  });
  const attempts = report.cells[0]?.run?.attempts;
  expect(attempts?.list.map(({ verdict, reason }) => [verdict, reason])).toEqual([
    ["failed", "exited with status 7"],
    ["passed", "exited with status 0"],
  ]);
  expect(attempts?.failure).toMatchObject({ status: 7, stderr: { text: "the race was lost\n" } });
  expect(matrixReport({ ...flaky(), flaky: "fail" }).passed).toBe(false);
});

test("to JUnit it is a pass with a property, and with --flaky fail a failure", () => {
  const pass = renderJunit(flaky());
  expect(pass).toContain('<testsuites name="vm test" tests="1" failures="0" errors="0"');
  expect(pass).toContain(`<property name="test.flaky" value="race: ${words}"/>`);
  const fail = renderJunit({ ...flaky(), flaky: "fail" });
  expect(fail).toContain('<testsuites name="vm test" tests="1" failures="1" errors="0"');
  expect(fail).toContain('type="flaky"');
});

test("the page says so in its headline, and shows the run that did not pass", () => {
  const page = renderHtml(flaky());
  expect(page).toContain("All 1 tests passed, 1 of them only when tried again");
  expect(page).toContain("the race was lost");
  expect(page).toContain('<details class="cell flaky"');
  expect(renderHtml({ ...flaky(), flaky: "fail" })).toContain("0 of 1 tests passed");
});
