import { parseKtap } from "@vm/ktap";
import { expect, it } from "vitest";
import { renderHtml } from "../../src/report/html.js";
import { matrixReport } from "../../src/report/json.js";
import { renderJunit } from "../../src/report/junit.js";
import { renderTable } from "../../src/report/table.js";
import type { CellEnd } from "../../src/result.js";
import { cellVerdict, describeEnd, matrixExitCode } from "../../src/verdict.js";
import { matrix, ran } from "../made-results.js";
import { junitComplaints, xpath } from "./xml.js";

const failing = `TAP version 13
1..4
# selftests: size: get_size
# TAP version 13
# ok 1 <get>
# 1..1
ok 1 selftests: size: get_size
# it was 3, not 4
not ok 2 count
ok 3 later # SKIP no disk
`;

function withResults(text: string, status = 0, ending: "cut" | "whole" = "whole"): CellEnd {
  const end = ran({ kind: "exited", status });
  const subtests = parseKtap(text, { ending });
  return end.kind === "ran" && subtests !== null ? { ...end, subtests } : end;
}

it("a command that exits with 0 fails where a test inside it failed, or did not run", () => {
  const end = withResults(failing);
  expect(cellVerdict(end)).toBe("failed");
  expect(describeEnd(end)).toBe("1 passed, 1 failed, 1 did not end, 1 skipped; cut off in test 4");
  expect(matrixExitCode(matrix({ good: { suite: end } }))).toBe(1);
});

it("the results of tests inside a command hide no failure of its own", () => {
  const passed = "TAP version 13\n1..1\nok 1 a\n";
  expect(cellVerdict(withResults(passed))).toBe("passed");
  expect(cellVerdict(withResults(passed, 1))).toBe("failed");
  expect(describeEnd(withResults(passed, 1))).toBe("exited with status 1; 1 passed");
});

it("results that were wanted and are not there are a failure", () => {
  const end = ran({ kind: "exited", status: 0 });
  expect(cellVerdict(end.kind === "ran" ? { ...end, lacks: "no results" } : end)).toBe("failed");
});

it("the table names what did not pass, and counts the others", () => {
  const table = renderTable(matrix({ good: { suite: withResults(failing) } }), {
    width: 100,
    colours: "plain",
  });
  expect(table).toContain(
    ": 1 passed, 1 failed, 1 did not end, 1 skipped; cut off in test 4\n    failed: count\n",
  );
  expect(table).not.toContain("get_size");
});

it("JSON has the tree, JUnit a case for each test that counts by itself", () => {
  const result = matrix({ good: { suite: withResults(failing) } });
  expect(JSON.parse(JSON.stringify(matrixReport(result)))).toMatchObject({
    cells: [
      {
        verdict: "failed",
        run: {
          subtests: {
            version: "TAP version 13",
            tests: [
              { name: "selftests: size: get_size", subtests: [{ name: "<get>", status: "passed" }] },
              {},
              {},
              {},
            ],
          },
        },
      },
    ],
  });
  const xml = renderJunit(result);
  expect(junitComplaints(xml)).toBe("");
  const counts = "concat(//testsuite/@tests, ' ', //testsuite/@failures, ' ', //testsuite/@skipped)";
  expect(xpath(xml, counts)).toBe("5 3 1");
  expect(xpath(xml, "count(//testcase[failure])")).toBe("3");
  expect(xml).toContain('name="selftests: size: get_size / &lt;get&gt;"');
  expect(xml).toContain('<failure message="failed" type="failed"># it was 3, not 4</failure>');
});

it("the page has every row, and nothing of a guest as markup", () => {
  const page = renderHtml(matrix({ good: { suite: withResults(failing) } }));
  expect(page).toContain("passed: selftests: size: get_size / &lt;get&gt;");
  expect(page).toContain("it was 3, not 4");
});

it("100,000 subtests are reported in all forms, and the page stays small", () => {
  const lines = Array.from({ length: 100_000 }, (_, index) => `ok ${index + 1} test_${index}\n`);
  const result = matrix({ good: { suite: withResults(`KTAP version 1\n1..100000\n${lines.join("")}`) } });
  expect(renderHtml(result).length).toBeLessThan(5_000_000);
  expect(renderTable(result, { width: 80, colours: "plain" })).toContain("100000 passed");
  expect(renderJunit(result)).toContain('tests="100001"');
});
