import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isBlankDisk } from "../src/index.js";
import { scratchDirectory } from "./scratch.js";

test.each(["qcow2", "raw"])("a new disk is blank until something is written to it (%s)", (format) => {
  const file = join(scratchDirectory(), "disk");
  execFileSync("qemu-img", ["create", "-q", "-f", format, file, "64G"]);
  expect(isBlankDisk(file)).toBe(true);
  execFileSync("qemu-io", ["-f", format, "-c", "write 0 512", file]);
  expect(isBlankDisk(file)).toBe(false);
});

test("one with a backing file, no disk at all, and what is not there are not blank", () => {
  const directory = scratchDirectory();
  const file = join(directory, "disk");
  execFileSync("qemu-img", ["create", "-q", "-f", "raw", join(directory, "base"), "1M"]);
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "raw", "-b", join(directory, "base"), file]);
  writeFileSync(join(directory, "empty"), "");
  writeFileSync(join(directory, "short"), "QFI\u00fb", "latin1");
  for (const name of ["disk", "empty", "short", "absent", "."])
    expect(isBlankDisk(join(directory, name))).toBe(false);
});
