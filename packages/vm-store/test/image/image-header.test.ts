import { execFileSync } from "node:child_process";
import { statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readImageHeader } from "../../src/image/image-header.js";
import { scratchDirectory } from "../scratch.js";

const qemuImg = (...args: string[]): string => execFileSync("qemu-img", args, { encoding: "utf8" });

test.each([
  "compat=0.10",
  "compat=1.1",
  "compat=1.1,cluster_size=512",
  "compat=1.1,extended_l2=on,cluster_size=16k",
])("a qcow2 (%s) is read as qemu-img reads it", (options) => {
  const directory = scratchDirectory();
  const [base, file] = [join(directory, "base, one"), join(directory, "image")];
  qemuImg("create", "-q", "-f", "raw", base, "3M");
  qemuImg("create", "-q", "-f", "qcow2", "-o", options, "-F", "raw", "-b", "base, one", file, "70M");
  qemuImg("snapshot", "-c", "one", file);
  qemuImg("snapshot", "-c", "two", file);
  const info: Record<string, unknown> = JSON.parse(qemuImg("info", "--output=json", file));
  expect(readImageHeader(file)).toEqual({
    format: "qcow2",
    sizeBytes: info["virtual-size"],
    usedBytes: info["actual-size"],
    backingFile: info["backing-filename"],
    snapshotCount: 2,
  });
});

test("whatever else there is counts as raw", () => {
  const file = join(scratchDirectory(), "image");
  writeFileSync(file, "QFI");
  expect(readImageHeader(file)).toMatchObject({ format: "raw", sizeBytes: 3, snapshotCount: 0 });
  truncateSync(file, 5 << 20);
  expect(readImageHeader(file)).toEqual({
    format: "raw",
    sizeBytes: 5 << 20,
    usedBytes: statSync(file).blocks * 512,
    snapshotCount: 0,
  });
  expect(() => readImageHeader("/dev/zero")).toThrow(expect.objectContaining({ code: "NOT_A_FILE" }));
});
