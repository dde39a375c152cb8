import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readSnapshotNames } from "../../src/image/snapshot-names.js";

test("the names of an image's snapshots are those that qemu-img lists", () => {
  const directory = mkdtempSync(join(tmpdir(), "vm-snapshots-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const image = join(directory, "root.qcow2");
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", image, "8M"]);
  expect(readSnapshotNames(image)).toEqual([]);
  const names = ["a", "before the upgrade", "näher", "x".repeat(120), "before-upgrade"];
  for (const name of names) execFileSync("qemu-img", ["snapshot", "-q", "-c", name, image]);
  execFileSync("qemu-img", ["snapshot", "-q", "-d", "a", image]);
  expect(readSnapshotNames(image)).toEqual(names.slice(1));
  const raw = join(directory, "raw.img");
  writeFileSync(raw, Buffer.alloc(4096));
  expect(readSnapshotNames(raw)).toEqual([]);
});
