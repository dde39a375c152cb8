import * as fc from "fast-check";
import { expect, test } from "vitest";
import { markFilter, newEndMark } from "../../src/protocol/end-mark.js";

function feed(mark: string, chunks: readonly Buffer[]): { output: Buffer; found: boolean; rest: Buffer } {
  const filter = markFilter(mark);
  const output = Buffer.concat(chunks.map((chunk) => filter.push(chunk)));
  return { output, found: filter.found, rest: filter.rest() };
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...chunks, bytes.subarray(at)];
}

test("whatever the output and however it is cut, it comes out whole and without the mark", () => {
  // A short alphabet, so that output often looks like the beginning of the mark.
  const output = fc.array(fc.constantFrom(...Buffer.from("ab\u001e"))).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(output, fc.array(fc.integer({ min: 0, max: 5 })), (bytes, sizes) => {
      const mark = "\u001eaab";
      fc.pre(!bytes.includes(mark));
      const seen = feed(mark, cut(Buffer.concat([bytes, Buffer.from(mark)]), sizes));
      expect(seen.found).toBe(true);
      expect(seen.output).toEqual(bytes);
    }),
    { numRuns: 2000 },
  );
});

test("without a mark nothing is lost", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.array(fc.nat(7)), (bytes, sizes) => {
      const seen = feed("\u001e\u0000ab", cut(Buffer.from(bytes), sizes));
      fc.pre(!seen.found);
      expect(Buffer.concat([seen.output, seen.rest])).toEqual(Buffer.from(bytes));
    }),
  );
});

test("text is handed on at once: nothing of a prompt is held back", () => {
  const filter = markFilter(newEndMark());
  expect(filter.push(Buffer.from("login: v"))).toEqual(Buffer.from("login: v"));
});

test("two runs have two marks", () => {
  expect(newEndMark()).not.toBe(newEndMark());
});
