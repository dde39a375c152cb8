import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync, inflateRawSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { renderPackage } from "@vm/modules-mounter";
import { compress } from "../src/compression.js";
import { deflate } from "../src/deflate.js";

/** Data that has what a compressor may trip over: literals of both lengths, near and far repetitions, long runs. */
const data = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ bytes, times: 1 })),
      fc.record({
        bytes: fc.uint8Array({ minLength: 1, maxLength: 6 }),
        times: fc.integer({ min: 1, max: 400 }),
      }),
    ),
    { maxLength: 12 },
  )
  .chain((parts) => fc.shuffledSubarray([...parts, ...parts], { minLength: 0 }))
  .map((parts) => Buffer.concat(parts.flatMap(({ bytes, times }) => Array<Uint8Array>(times).fill(bytes))));

function unzstd(packed: Uint8Array): Buffer {
  return execFileSync("zstd", ["-d", "-c", "-q"], { input: packed, maxBuffer: 1 << 28 });
}

/** Numbers that look random and are the same everywhere: https://en.wikipedia.org/wiki/Linear_congruential_generator. */
function noise(length: number, values = 256): Buffer {
  let state = 1;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state >>> 16) % values;
    }),
  );
}

test("zlib reads back what was deflated, whatever it is", () => {
  fc.assert(
    fc.property(data, (given) => {
      expect(Buffer.compare(inflateRawSync(deflate(given)), given)).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test("a repetition is found at every distance up to the window's end, in every length", () => {
  const piece = noise(300);
  for (const length of [3, 4, 10, 11, 18, 19, 66, 67, 130, 131, 226, 227, 257, 258, 259, 300]) {
    for (const gap of [0, 1, 2, 4, 5, 192, 193, 24_576, 24_577, 32_767, 32_768, 32_769, 40_000]) {
      const given = Buffer.concat([piece, Buffer.alloc(gap, "x"), piece.subarray(0, length)]);
      expect(Buffer.compare(inflateRawSync(deflate(given)), given)).toBe(0);
    }
  }
});

test("gzip and zstd read what was packed, and say so of what was damaged", () => {
  for (const length of [0, 1, 131_071, 131_072, 131_073, 300_000]) {
    const given = noise(length, 200);
    expect(Buffer.compare(gunzipSync(compress(given, "gzip")), given)).toBe(0);
    expect(Buffer.compare(execFileSync("gzip", ["-dc"], { input: compress(given, "gzip") }), given)).toBe(0);
    expect(Buffer.compare(unzstd(compress(given, "zstd")), given)).toBe(0);
  }
  const damaged = Buffer.from(compress(noise(1000), "gzip"));
  damaged[500] = (damaged[500] ?? 0) ^ 1;
  expect(() => gunzipSync(damaged)).toThrow(/incorrect|invalid/);
});

test("scripts take a third of their size", () => {
  const text = readFileSync(new URL("../guest/vm-modules-mount", import.meta.url));
  expect(compress(text, "gzip").length).toBeLessThan(text.length * 0.45);
});

// Each Node has a zlib of its own. What is written here must not change with it, so the digests are written down.
test.each([
  ["gzip", "53aac7041497e824"],
  ["zstd", "cd07607f30b54e03"],
] as const)("%s has the same bytes on every Node", (compression, digest) => {
  const given = Buffer.concat([noise(40_000, 5), noise(1000), noise(40_000, 5)]);
  expect(createHash("sha256").update(compress(given, compression)).digest("hex").slice(0, 16)).toBe(digest);
});

test.each(["pacman", "deb", "tar"] as const)("nothing in a %s was written by zlib", async (format) => {
  const { content } = await renderPackage({ format });
  const packed = Buffer.from(content);
  const magic = Buffer.from([0x1f, 0x8b, 8, 0]);
  const starts: number[] = [];
  for (let at = packed.indexOf(magic); at >= 0; at = packed.indexOf(magic, at + 1)) starts.push(at);
  expect(starts.length).toBeGreaterThan(0);
  for (const at of starts) {
    // RFC 1951: the last block, with the fixed codes. zlib would take dynamic ones for texts of this size.
    expect((packed[at + 10] ?? 0) & 0b111).toBe(0b011);
  }
});
