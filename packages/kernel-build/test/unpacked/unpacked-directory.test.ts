import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { unpackedDirectory } from "../../src/unpacked/unpacked-directory.js";
import { failure } from "../failure.js";
import { put, temporaryDirectory } from "../made-up-tree.js";

function writes(text: string): (directory: string) => void {
  return (directory) => writeFileSync(join(directory, "image"), text);
}

test("of two that unpack the same file at once, both get the one that was ready first", () => {
  const cwd = temporaryDirectory();
  put(cwd, "linux.deb", "");
  const request = { file: join(cwd, "linux.deb"), lookup: { cwd, cacheDir: join(cwd, "cache") } };
  let first = "";
  const second = unpackedDirectory({
    ...request,
    make: (directory) => {
      first = unpackedDirectory({ ...request, make: writes("first") });
      writes("second")(directory);
    },
  });
  expect(second).toBe(first);
  expect(readFileSync(join(second, "image"), "utf8")).toBe("first");
  expect(readdirSync(join(cwd, "cache/kernels"))).toHaveLength(1);
});

test("a cache that cannot be made, and one that nobody named, are two errors", () => {
  const cwd = temporaryDirectory();
  put(cwd, "linux.deb", "");
  const request = { file: join(cwd, "linux.deb"), make: () => undefined };
  const inAFile = { cwd, cacheDir: join(cwd, "linux.deb", "cache") };
  expect(failure(() => unpackedDirectory({ ...request, lookup: inAFile })).code).toBe("CACHE_UNUSABLE");
  expect(failure(() => unpackedDirectory({ ...request, lookup: { cwd } })).code).toBe("KERNEL_NOT_PREPARED");
});
