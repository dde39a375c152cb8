import { expect, test } from "vitest";
import { failureLines } from "../../src/report/failure-lines.js";
import type { CellEnd } from "../../src/result.js";
import { passed, ran } from "../made-results.js";

const lines = (end: CellEnd): string[] => failureLines({ kernel: "k", test: "t", end });
const numbered = Array.from({ length: 50 }, (_, index) => `line ${index}`);

test("a panic is shown from its first line on, in the text of the console", () => {
  const line = "Kernel panic - not syncing: Größe";
  const end = ran(
    { kind: "panicked", reason: line },
    {
      complaints: [{ kind: "panic", line }],
      consoleTail: ["before", `[    1.5] ${line}`, ...numbered],
    },
  );
  expect(lines(end)).toEqual([`[    1.5] ${line}`, ...numbered.slice(0, 9)]);
});

test("a guest that went without a word is shown by the end of its console", () => {
  const end = ran({ kind: "lost", reason: "gone", by: "guest" }, { consoleTail: numbered });
  expect(lines(end)).toEqual(numbered.slice(-10));
});

test("a command that failed by itself is shown by its errors, else by its output", () => {
  const failed = { kind: "exited", status: 1 } as const;
  expect(lines(ran(failed, { stdout: "out\n", stderr: "bad\r\n\u001b[31mworse\u001b[0m\n" }))).toEqual([
    "bad",
    "worse",
  ]);
  expect(lines(ran(failed, { stdout: "out\n" }))).toEqual(["out"]);
  expect(lines(ran(failed))).toEqual([]);
});

test("there is nothing to show of what passed or was skipped", () => {
  expect(lines(passed)).toEqual([]);
  expect(lines({ kind: "skipped", reason: "x" })).toEqual([]);
});
