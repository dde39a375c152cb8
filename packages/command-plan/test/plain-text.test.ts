import * as fc from "fast-check";
import { expect, test } from "vitest";
import { plainLine, plainStream, plainText } from "../src/index.js";

/** What terminals obey: ECMA-48, DEC, xterm, and what some programs have been attacked with. */
const corpus: readonly (readonly [name: string, text: string, plain: string])[] = [
  ["colours", "\u001b[31mred\u001b[0m", "red"],
  ["a cleared screen", "a\u001b[2J\u001b[Hb", "ab"],
  ["a moved cursor", "a\u001b[10;20Hb\u001b[5Ac", "abc"],
  ["a title", "\u001b]0;owned\u0007x", "x"],
  ["a title with ST", "\u001b]2;owned\u001b\\x", "x"],
  ["a clipboard", "\u001b]52;c;cm0gLXJm\u0007x", "x"],
  ["a link", "\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\", "text"],
  ["a question for the position", "\u001b[6n\u001b[c\u001b[>q", ""],
  ["a reset", "\u001bcx", "x"],
  ["another screen", "\u001b[?1049hx\u001b[?1049l", "x"],
  ["bracketed paste", "\u001b[?2004hx", "x"],
  ["a device control string", '\u001bP$q"p\u001b\\x', '$q"px'],
  ["an application's command", "\u001b_Ga=q;AAAA\u001b\\x", "Ga=q;AAAAx"],
  ["eight-bit CSI", "\u009b31mx", "\ufffd31mx"],
  ["eight-bit OSC", "\u009d0;t\u009cx", "\ufffd0;t\ufffdx"],
  ["a carriage return that overwrites", "rm -rf\rls", "rm -rf\u240dls"],
  ["a backspace", "ab\bc", "ab\u2408c"],
  ["a bell, NUL, DEL", "\u0007\u0000\u007f", "\u2407\u2400\u2421"],
  ["text turned around", "a\u202etxt.exe\u202c", "a\ufffdtxt.exe\ufffd"],
  ["isolates", "\u2066x\u2069", "\ufffdx\ufffd"],
  ["half a surrogate", "\ud800x", "\ufffdx"],
  ["a sequence that is cut", "x\u001b[31", "x\u241b[31"],
  ["a sequence in a sequence", "\u001b\u001b[31m[31mx", "\u241b[31mx"],
  ["DEL within a sequence", "\u001b[3\u007f1mx", "\u241b[3\u24211mx"],
  ["what is no control", "naïve 漢字 👍 → \tx\n", "naïve 漢字 👍 → \tx\n"],
];

test.each(corpus)("%s", (_name, text, plain) => {
  expect(plainText(text)).toBe(plain);
});

test("whatever is fed, nothing that a terminal obeys is left, and a line stays a line", () => {
  // oxlint-disable-next-line no-control-regex -- It is what must not be there.
  const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
  const piece = fc.oneof(
    fc.constantFrom(...corpus.map(([, text]) => text), "\u001b", "[", "]", "\u0007", "\\"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join("");
      expect(plainText(text)).not.toMatch(obeyed);
      expect(plainLine(text)).not.toMatch(/[\n\t]/);
      expect(plainText(plainText(text))).toBe(plainText(text));
    }),
  );
});

test("a stream is as plain as its text, wherever it is cut", () => {
  const text = Buffer.from(`${corpus.map(([, each]) => each).join("")}end\r\nof a line\n`).toString();
  const bytes = Buffer.from(text);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 20 }), (cuts) => {
      const stream = plainStream();
      const ends = [...cuts.toSorted((a, b) => a - b), bytes.length];
      const said = ends.map((end, index) => stream.push(bytes.subarray(ends[index - 1] ?? 0, end)));
      expect(said.join("") + stream.end()).toBe(plainText(text));
    }),
  );
});

test("a sequence that never ends holds nothing back for ever", () => {
  const stream = plainStream();
  const said = ["\u001b]0;", ...Array.from({ length: 10 }, () => "x".repeat(1000))].map((text) =>
    stream.push(Buffer.from(text)),
  );
  expect(said.slice(-5)).toEqual(Array.from({ length: 5 }, () => "x".repeat(1000)));
});
