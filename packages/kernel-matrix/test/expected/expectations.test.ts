import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import { parseExpectations, readExpectations } from "../../src/expected/expectations.js";
import { isFrom } from "../../src/expected/release-limit.js";

test("a line has a pattern, perhaps a release, and a reason", () => {
  const text =
    "# known\r\n\n  timers*rtcpie   # no RTC: really\r\n\tmake #x -j # until 7.3-rc4: see # 12\na # until 6.12.30 :b\n";
  expect(parseExpectations(text, "f")).toEqual([
    { line: 3, pattern: "timers*rtcpie", reason: "no RTC: really", until: null },
    { line: 4, pattern: "make #x -j", reason: "see # 12", until: "7.3-rc4" },
    { line: 5, pattern: "a", reason: "b", until: "6.12.30" },
  ]);
  expect(parseExpectations("", "f")).toEqual([]);
});

test.each([
  ["timers", "no reason"],
  ["timers #", "no reason"],
  ["timers # ", "no reason"],
  ["timers#broken", "no reason"],
  ["timers # until 7.3", "a colon"],
  ["timers # until: no RTC", "a colon"],
  ["timers # until", "a colon"],
  ["timers # until next: no RTC", "such as 7.3"],
  ["timers # until 7: no RTC", "such as 7.3"],
  ["timers # until 7.3:", "no reason behind"],
  ["** # all of them", "fits every test"],
  ["a\u0000 # b", "no line of UTF-8"],
  ["good # and well", "stands in line 2 already"],
])("%j is told with its line", (line, what) => {
  const text = `# known\ngood # reason\n\n${line}\n`;
  expect(() => parseExpectations(text, "known.txt")).toThrow(/^known\.txt:4: /);
  expect(() => parseExpectations(text, "known.txt")).toThrow(what);
});

/** What a text holds, or what was said of it. */
function readOrRefused(text: string): string {
  try {
    return parseExpectations(text, "f")
      .map(({ pattern, reason }) => (text.includes(pattern) && reason !== "" ? "read" : "made up"))
      .join();
  } catch (error) {
    return error instanceof Error ? error.message : "no error";
  }
}

test("whatever stands in it, a file is read or refused with its line", () => {
  assert(
    property(string({ unit: "grapheme-ascii", maxLength: 60 }), (text) => {
      expect(readOrRefused(text)).toMatch(/^(?:read|f:1: .+)?$/);
    }),
  );
});

test("a file that is none is told", () => {
  const cwd = mkdtempSync(join(tmpdir(), "expectations-"));
  writeFileSync(join(cwd, "known"), "a # b\n");
  expect(readExpectations("known", cwd)).toMatchObject({ file: "known", lines: [{ pattern: "a" }] });
  for (const name of ["gone", "."])
    expect(() => readExpectations(name, cwd)).toThrow(
      expect.objectContaining({ code: "EXPECTATIONS_UNREADABLE" }),
    );
});

test("a kernel is from a release on when it is that one or newer, its candidates among them", () => {
  const newer: readonly (readonly [release: string, limit: string])[] = [
    ["7.3.0", "7.3"],
    ["7.3.0-rc1-00012-gabcdef", "7.3"],
    ["7.3.0-rc4", "7.3-rc4"],
    ["7.3.0", "7.3-rc4"],
    ["10.0.1", "9.9"],
    ["6.12.57+deb13-amd64", "6.12.30"],
    ["next", "7.3"],
  ];
  const older: typeof newer = [
    ["7.2.9", "7.3"],
    ["7.3.0-rc3", "7.3-rc4"],
    ["6.12.29-cloud", "6.12.30"],
    ["6.9.0", "6.12"],
  ];
  expect(newer.filter(([release, limit]) => !isFrom(release, limit))).toEqual([]);
  expect(older.filter(([release, limit]) => isFrom(release, limit))).toEqual([]);
});
