import { setImmediate } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { chunkCollection } from "../../src/session/chunk-collection.js";

test("chunks that went by do not pile up", async () => {
  const before = process.memoryUsage().arrayBuffers;
  const passed = chunkCollection();
  let most = 0;
  for (let index = 0; index < 2000; index += 1) {
    passed(Buffer.allocUnsafeSlow(65_536));
    await setImmediate();
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect(most).toBeLessThan(16 * 1024 * 1024);
});

test("nobody else gets the collector", () => {
  const passed = chunkCollection();
  passed(Buffer.allocUnsafeSlow(5 * 1024 * 1024));
  expect(globalThis.gc).toBeUndefined();
  expect(runInNewContext("typeof gc")).toBe("undefined");
});
