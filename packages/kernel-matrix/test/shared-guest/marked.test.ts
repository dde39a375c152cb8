import type { Writable } from "node:stream";
import { array, assert, constantFrom, integer, property, string } from "fast-check";
import { expect, test } from "vitest";
import { endFacts } from "../../src/shared-guest/end-facts.js";
import { markedConsole } from "../../src/shared-guest/marked-console.js";
import { markedStream, type MarkedEvents } from "../../src/shared-guest/marked-stream.js";

const MARK = "\u001evm-0123 ";

/** What comes of a text that is cut into pieces: bytes between marks joined, marks as lists of one. */
function read(
  make: (mark: string, events: MarkedEvents) => Writable,
  mark: string,
  text: string,
  cuts: readonly number[] = [],
): (string | [string])[] {
  const seen: (string | [string])[] = [];
  const stream = make(mark, {
    bytes(chunk) {
      const last = seen.at(-1);
      if (typeof last === "string") seen[seen.length - 1] = last + chunk.toString("latin1");
      else seen.push(chunk.toString("latin1"));
    },
    mark: (words) => void seen.push([words]),
  });
  const bytes = Buffer.from(text, "latin1");
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  for (const [index, from] of at.entries()) stream.write(bytes.subarray(from, at[index + 1] ?? from));
  stream.end();
  return seen;
}

test("marks are taken out, wherever they stand in a line, and every other byte stays", () => {
  expect(read(markedStream, MARK, `${MARK}b 1\nno newline${MARK}e 1 0\nrest`)).toEqual([
    ["b 1"],
    "no newline",
    ["e 1 0"],
    "rest",
  ]);
  // A beginning of a mark, and a mark with no end, are output.
  expect(read(markedStream, MARK, `a\u001evm-01b`)).toEqual([`a\u001evm-01b`]);
  expect(read(markedStream, MARK, `a${MARK}b 1`)).toEqual([`a${MARK}b 1`]);
  const long = "x".repeat(5000);
  expect(read(markedStream, MARK, `${MARK}${long}\n${MARK}b 2\n`)).toEqual([`${MARK}${long}\n`, ["b 2"]]);
});

test("however a stream is cut, the same comes of it", () => {
  const piece = constantFrom("\u001evm-", "0123 ", `${MARK}b 7\n`, "\n", "text", "\u0000\u00ff");
  const rule = property(array(piece), array(integer({ min: 0, max: 500 })), (pieces, cuts) => {
    const text = pieces.join("");
    const whole = read(markedStream, MARK, text);
    expect(read(markedStream, MARK, text, cuts)).toEqual(whole);
    const output = whole.filter((each) => typeof each === "string").join("");
    expect(output).toBe(text.replaceAll(new RegExp(`${MARK}.*\n`, "g"), ""));
  });
  assert(rule, { numRuns: 500 });
});

test("the console's marks are the kernel's lines, behind stamps and behind what a program left unfinished", () => {
  const text = [
    "[    1.0] one\r\n",
    "[    1.500000] vm-0123 e 1\r\n",
    "unfinished[    2.000000][   T61] vm-0123 e 2\r\r\n",
    "vm-0123 e 3\n",
    "[    3.0] vm-0124 e 3\n",
    "last",
  ].join("");
  const seen = ["[    1.0] one\r\n", ["e 1"], "unfinished", ["e 2"], ["e 3"], "[    3.0] vm-0124 e 3\nlast"];
  expect(read(markedConsole, "vm-0123", text)).toEqual(seen);
  const rule = property(array(integer({ min: 0, max: 500 })), (cuts) => {
    expect(read(markedConsole, "vm-0123", text, cuts)).toEqual(seen);
  });
  assert(rule, { numRuns: 200 });
});

test("the words of an end are read whole or not at all", () => {
  expect(endFacts("e 3 137 1 512 0 2 7.2.13+deb14 Killed")).toEqual({
    status: 137,
    hasConsole: true,
    tainted: 512,
    oopses: 0,
    warnings: 2,
    release: "7.2.13+deb14",
    note: "Killed",
  });
  expect(endFacts("e 0 0 0 - - -")).toMatchObject({
    status: 0,
    hasConsole: false,
    tainted: 0,
    release: null,
  });
  const rule = property(string(), (words) => {
    expect(endFacts(words)).toBeNull();
  });
  assert(rule, { numRuns: 200 });
});
