import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { guestsAtOnce, hasMemoryFor, readAvailableMiB } from "../src/capacity.js";

const machine = {
  hostCpus: 8,
  availableMiB: 64 * 1024,
  guestCpus: 1,
  guestMemoryMiB: 1024,
  accelerator: "emulation",
} as const;

test("emulated guests get a CPU of the host for each of theirs, others share", () => {
  expect(guestsAtOnce(machine)).toBe(8);
  expect(guestsAtOnce({ ...machine, guestCpus: 3 })).toBe(2);
  expect(guestsAtOnce({ ...machine, accelerator: "hardware" })).toBe(16);
});

test("memory limits the guests, and is no limit where it is not known", () => {
  expect(guestsAtOnce({ ...machine, availableMiB: 4096 })).toBe(3);
  expect(guestsAtOnce({ ...machine, availableMiB: null })).toBe(8);
});

test("one guest always may run", () => {
  expect(guestsAtOnce({ ...machine, availableMiB: 100 })).toBe(1);
  expect(guestsAtOnce({ ...machine, hostCpus: 1, guestCpus: 4 })).toBe(1);
});

test("one more guest has room while it leaves some memory", () => {
  expect(hasMemoryFor(1024, 2048)).toBe(true);
  expect(hasMemoryFor(1024, 1200)).toBe(false);
  expect(hasMemoryFor(1024, null)).toBe(true);
});

test("the memory that is available is what /proc/meminfo says, or unknown", () => {
  const real = readAvailableMiB();
  expect(real).toBeGreaterThan(0);
  const directory = mkdtempSync(join(tmpdir(), "meminfo-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "meminfo");
  writeFileSync(
    file,
    "MemTotal:        8000000 kB\nMemFree:           40960 kB\nMemAvailable:     102400 kB\n",
  );
  expect(readAvailableMiB(file)).toBe(100);
  // Before Linux 3.14.
  writeFileSync(file, "MemTotal:        8000000 kB\n");
  expect(readAvailableMiB(file)).toBeNull();
  expect(readAvailableMiB(join(directory, "none"))).toBeNull();
});
