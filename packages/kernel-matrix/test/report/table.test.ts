import { expect, test } from "vitest";
import { renderTable } from "../../src/report/table.js";
import { everyEnd, matrix, passed, ran } from "../made-results.js";

test("a grid that fits is a grid", () => {
  expect(renderTable(everyEnd(), { width: 100, colours: "plain" })).toBe(
    `KERNEL      uname -r      ./check.sh    kill -9 $$    reboot        hang
linux-6.1   passed 2.6 s  FAILED 2.6 s  FAILED 2.6 s  FAILED 2.6 s  FAILED 2.6 s
linux-next  FAILED 2.6 s  FAILED 2.6 s  FAILED 2.6 s  ERROR 2.6 s   skipped
tiny        ERROR         ERROR         ERROR         ERROR         ERROR

1 passed, 7 failed, 6 could not be run, 1 skipped of 15 in 12.3 s, at most 2 guests at once
`,
  );
});

test("one that is too wide is a list", () => {
  const result = matrix({ a: { first: passed, second: ran({ kind: "exited", status: 1 }) } });
  expect(renderTable({ ...result, jobs: 1 }, { width: 20, colours: "plain" })).toBe(
    `KERNEL  TEST    RESULT
a       first   passed 2.6 s
a       second  FAILED 2.6 s

1 passed, 1 failed of 2 in 12.3 s, one guest at a time
`,
  );
});

test("colours, and columns under characters that take two of them", () => {
  const result = matrix({
    日本: { "a\u001b[2J\n": passed, b: passed },
    ab: { "a\u001b[2J\n": passed, b: passed },
  });
  expect(renderTable(result, { width: 100, colours: "colours" })).toBe(
    [
      "KERNEL  a\u240a            b",
      "日本    \u001b[32mpassed 2.6 s\u001b[0m  \u001b[32mpassed 2.6 s\u001b[0m",
      "ab      \u001b[32mpassed 2.6 s\u001b[0m  \u001b[32mpassed 2.6 s\u001b[0m",
      "",
      "4 passed of 4 in 12.3 s, at most 2 guests at once",
      "",
    ].join("\n"),
  );
});
