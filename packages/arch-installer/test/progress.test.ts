import { expect, test } from "vitest";
import { parseProgress } from "../src/index.js";

test.each<[line: string, expected: ReturnType<typeof parseProgress>]>([
  [
    "==> arch-install [4/14] Install the packages",
    { kind: "section", number: 4, count: 14, title: "Install the packages" },
  ],
  ["\u001b[0m==> arch-install [4/14] A\r\r", { kind: "section", number: 4, count: 14, title: "A" }],
  [
    "==> arch-install failed: [4/14] A: line 3: false (status 1)",
    { kind: "failed", message: "[4/14] A: line 3: false (status 1)" },
  ],
  ["==> arch-install done: a is installed", { kind: "done", message: "a is installed" }],
  ["==> Creating install root at /mnt", undefined],
  ["==> arch-install", undefined],
  ["", undefined],
])("%j is read", (line, expected) => {
  expect(parseProgress(line)).toEqual(expected);
});
