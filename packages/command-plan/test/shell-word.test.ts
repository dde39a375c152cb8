import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { quoteShell } from "../src/index.js";
import { word } from "./arbitrary.js";

const shells = ["dash -s", "bash -s", "bash --posix -s", "busybox sh -s"];

/** The words as the shell reads them, one call for all of them. */
function readBack(shell: string, words: readonly string[]): readonly string[] {
  const [program = "", ...args] = shell.split(" ");
  const input = words.map((each) => `printf '%s\\0' ${quoteShell(each)}\n`).join("");
  const { stdout } = spawnSync(program, args, { input, maxBuffer: 1 << 26 });
  return stdout.toString("utf8").split("\0").slice(0, -1);
}

test.each(shells)("a real shell reads back every generated word: %s", (shell) => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 200, maxLength: 400 }), (words) => {
      expect(readBack(shell, words)).toEqual(words.map((each) => Buffer.from(each).toString()));
    }),
    { numRuns: 20 },
  );
});

test.each(shells)("a real shell reads back every code point up to U+FFFF, alone and between: %s", (shell) => {
  const points = Array.from({ length: 0xffff }, (_, index) => index + 1)
    .filter((point) => point < 0xd800 || point > 0xdfff)
    .map((point) => String.fromCodePoint(point));
  const longWords =
    points
      .map((point) => `a${point}b`)
      .join("")
      .match(/.{1,999}/gsu) ?? [];
  const words = [...points.slice(0, 0x300), ...longWords];
  expect(readBack(shell, words)).toEqual(words);
});

test("plain words stay bare and others get single quotes", () => {
  expect(["-m", "2G", "file=/a/b.qcow2,if=none", "user@host:22", "50%"].map(quoteShell)).toEqual([
    "-m",
    "2G",
    "file=/a/b.qcow2,if=none",
    "user@host:22",
    "50%",
  ]);
  expect(["", "a b", "it's", "$HOME", "~", "=ls", "*.c"].map(quoteShell)).toEqual([
    "''",
    "'a b'",
    String.raw`'it'\''s'`,
    "'$HOME'",
    "'~'",
    "'=ls'",
    "'*.c'",
  ]);
});

test("a NUL byte is refused", () => {
  expect(() => quoteShell("a\0b")).toThrow(expect.objectContaining({ code: "NUL_IN_WORD" }));
});
