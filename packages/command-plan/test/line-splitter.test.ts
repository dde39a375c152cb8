import * as fc from "fast-check";
import { expect, test } from "vitest";
import { lineSplitter } from "../src/index.js";

function split(chunks: readonly Uint8Array[], options?: { readonly maxLength: number }): string[] {
  const lines: string[] = [];
  const splitter = lineSplitter((line) => lines.push(line), options);
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

test("lines are split however the bytes come, and lose their carriage returns", () => {
  const lines: string[] = [];
  const splitter = lineSplitter((line) => lines.push(line));
  for (const part of ["a", "b\r", "\nc\r\r\n\nun", "finished"]) splitter.push(Buffer.from(part));
  expect(lines).toEqual(["ab", "c", ""]);
  splitter.end();
  splitter.end();
  expect(lines).toEqual(["ab", "c", "", "unfinished"]);
});

test("a character may come in two parts, and what is no UTF-8 is no character", () => {
  expect(split([...Buffer.from("größe 日本 \u{1f427}\n")].map((byte) => Buffer.from([byte])))).toEqual([
    "größe 日本 \u{1f427}",
  ]);
  expect(split([Buffer.from([0x61, 0xff, 0x62, 0x0a, 0xc3])])).toEqual(["a\ufffdb", "\ufffd"]);
  expect(split([Buffer.from([0xc3]), Buffer.from([0x0a, 0x78])])).toEqual(["\ufffd", "x"]);
});

test("any bytes in any chunks give the lines that they give in one", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.uint8Array({ maxLength: 12 }),
          fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
          fc.constantFrom("\n", "\r\n", "\r").map((text) => Buffer.from(text)),
        ),
        { maxLength: 20 },
      ),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 10 }),
      (parts, sizes) => {
        const whole = Buffer.concat(parts);
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < whole.length;) {
          const size = sizes.at(chunks.length % sizes.length) ?? 1;
          chunks.push(whole.subarray(at, at + size));
          at += size;
        }
        const expected = whole
          .toString("utf8")
          .split("\n")
          .map((line) => line.replace(/\r+$/, ""));
        const last = whole.toString("utf8").split("\n").at(-1);
        if (last === "") expected.pop();
        expect(split(chunks)).toEqual(expected);
      },
    ),
  );
});

test("a line that is too long keeps its end, and nothing piles up", () => {
  const long = Buffer.from(`${"x".repeat(1000)}end\nshort\n`);
  expect(split([long], { maxLength: 10 })).toEqual(["xxxxxxxend", "short"]);
  expect(
    split(
      [...long].map((byte) => Buffer.from([byte])),
      { maxLength: 10 },
    ),
  ).toEqual(["xxxxxxxend", "short"]);
  expect(split([long], { maxLength: Infinity })[0]).toHaveLength(1003);
});

test("a stream of nothing but carriage returns takes no time", () => {
  const start = performance.now();
  expect(split([Buffer.from(`${"\r".repeat(65_535)}x\n`)])[0]).toHaveLength(65_536);
  expect(split(Array.from({ length: 4000 }, () => Buffer.alloc(250, "\r")))).toEqual([""]);
  expect(performance.now() - start).toBeLessThan(2000);
});
