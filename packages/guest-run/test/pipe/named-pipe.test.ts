import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { makePipe } from "../../src/pipe/named-pipe.js";

test("a pipe keeps many small writes, is opened again as QEMU does, ends with its last writer, and leaves nothing behind", () => {
  const scratch = mkdtempSync(join(tmpdir(), "vm-pipe-test-"));
  vi.stubEnv("TMPDIR", scratch);
  try {
    const { reader, writer } = makePipe();
    expect(readdirSync(scratch)).toEqual([]);
    const { O_WRONLY, O_TRUNC, O_CREAT } = constants;
    const again = openSync(`/proc/self/fd/${writer}`, O_WRONLY | O_TRUNC | O_CREAT);
    closeSync(writer);
    const text = "0123456789".repeat(2000);
    for (const byte of text) writeSync(again, byte);
    const into = Buffer.alloc(100_000);
    expect(into.toString("latin1", 0, readSync(reader, into))).toBe(text);
    closeSync(again);
    expect(readSync(reader, into)).toBe(0);
    closeSync(reader);
    vi.stubEnv("PATH", scratch);
    expect(() => makePipe()).toThrow(/mkfifo could not be started/);
    expect(readdirSync(scratch)).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
    rmSync(scratch, { recursive: true });
  }
});
