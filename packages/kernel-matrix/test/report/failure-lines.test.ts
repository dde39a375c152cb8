import { expect, test } from "vitest";
import { failureLines, failureMessage } from "../../src/report/failure-lines.js";
import type { CellEnd } from "../../src/result.js";
import { failureText } from "../../src/report/failure-text.js";
import { oopsFailure, passed, ran } from "../made-results.js";

const lines = (end: CellEnd): string[] => failureLines({ kernel: "k", test: "t", end }, "folded");
const message = (end: CellEnd): string => failureMessage({ kernel: "k", test: "t", end });
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

const oopsed = ran(
  { kind: "oopsed", reason: "BUG: kernel NULL pointer", complaint: "oops", status: null },
  { failure: oopsFailure },
);

test("a kernel that complained is shown by its report: what happened, where, then all but its registers", () => {
  expect(lines(oopsed)).toEqual([
    "BUG: kernel NULL pointer dereference, address: 0000000000000008",
    "  at read_nowhere+0xc/0x14 [hello] (hello/hello.c:31)",
    "",
    "  [    1.000000] BUG: kernel NULL pointer dereference, address: 0000000000000008",
    "  [    1.000000] RIP: 0010:read_nowhere+0xc/0x14 [hello] (hello/hello.c:31)",
    "  ... a line of registers and code bytes (--full)",
    "  kernel  7.2.0 (v7.2-3-g0123456789ab-dirty)",
    "  taint   before: OOT_MODULE; after: OOT_MODULE, DIE",
  ]);
});

test("--full shows registers too; the last line is the command that runs it again", () => {
  const again = ["vm", "run", "-k", "a b", "--exec", "it's"];
  const cell = { kernel: "k", test: "t", end: { ...oopsed, again } };
  const whole = failureLines(cell, "whole");
  expect(whole).toContain("  [    1.000000] RAX: 0000000000000000");
  expect(whole.at(-1)).toBe(`  again   vm run -k 'a b' --exec 'it'\\''s'`);
  expect(failureText(cell)).toContain(`again   vm run -k 'a b' --exec 'it'\\''s'`);
});

test("the message of a failure is what a person needs first", () => {
  expect(message(oopsed)).toBe(
    "BUG: kernel NULL pointer dereference, address: 0000000000000008, at read_nowhere+0xc/0x14 [hello] (hello/hello.c:31)",
  );
  const failed = { kind: "exited", status: 1 } as const;
  expect(message(ran(failed, { stderr: "begun\ncannot go on\n\n" }))).toBe(
    "cannot go on (exited with status 1)",
  );
  expect(message(ran(failed))).toBe("exited with status 1");
  expect(message(ran({ kind: "timed-out", reason: "after 1 s", phase: "command" }))).toBe(
    "timed out: after 1 s",
  );
});
