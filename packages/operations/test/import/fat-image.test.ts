import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fatImage } from "../../src/import/fat-image.js";

test.each([
  ["nothing", []],
  ["an empty file", [["a", 0]]],
  [
    "files of a sector, less and more",
    [
      ["one", 512],
      ["less", 511],
      ["more-than-thirteen-characters", 513],
    ],
  ],
  [
    "a large file, whose clusters fill the table",
    [
      ["large", 400_000],
      ["thirteen-char", 1],
    ],
  ],
] as const)("a FAT file system with %s is one for fsck.fat, the same each time", (_what, files) => {
  const contents = files.map(([name, length]) => ({ name, content: "x".repeat(length) }));
  const image = fatImage("CIDATA", contents);
  expect(fatImage("CIDATA", contents).equals(image)).toBe(true);
  const directory = mkdtempSync(join(tmpdir(), "vm-fat-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "image");
  writeFileSync(file, image);
  const { status, stdout } = spawnSync("fsck.fat", ["-n", "-v", file], { encoding: "utf8" });
  const clusters = Math.ceil(files.reduce((sum, [, length]) => sum + Math.ceil(length / 512), 0));
  expect(stdout).toContain(`${files.length + 1} files, ${clusters}/`);
  expect(status).toBe(0);
  expect(execFileSync("blkid", ["-o", "value", "-s", "LABEL", file], { encoding: "utf8" })).toBe("CIDATA\n");
});
