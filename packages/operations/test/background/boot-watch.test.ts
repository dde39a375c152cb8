import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bootWatch } from "../../src/background/boot-watch.js";
import type { GuestEvent } from "../../src/background/guest-events.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What is said of a boot with these events, long after the last. */
function said(...events: readonly GuestEvent[]): string[] {
  const reasons: string[] = [];
  const watch = bootWatch((reason) => reasons.push(reason));
  for (const event of events) watch.take(event);
  vi.advanceTimersByTime(3_600_000);
  return reasons;
}

const started = { event: "started" } as const;
const panic = { event: "panic", by: "console", line: "Kernel panic - not syncing: x" } as const;
const stranded = { event: "stranded", reason: "The guest ended in emergency mode." } as const;
const up = { event: "up", by: "login" } as const;
const reset = { event: "reset" } as const;

test.each([
  ["a boot that goes on", [started], []],
  ["a panic", [started, panic], [panic.line]],
  ["a panic that the device tells", [{ event: "panic", by: "qemu" }], ["The kernel panicked."]],
  ["emergency mode", [started, stranded], [stranded.reason]],
  ["both: the first", [stranded, panic], [stranded.reason]],
  ["a panic after which it reboots", [panic, reset], []],
  ["a second one then", [panic, reset, panic], [panic.line]],
  ["a panic once it was up", [up, panic], []],
  ["a panic in the boot after", [up, reset, panic], [panic.line]],
  ["emergency mode that somebody left", [stranded, up], []],
] as const satisfies readonly (readonly [string, readonly GuestEvent[], readonly string[]])[])(
  "%s",
  (_, events, reasons) => {
    expect(said(...events)).toEqual(reasons);
  },
);

test("who no longer waits is told nothing", () => {
  const reasons: string[] = [];
  const watch = bootWatch((reason) => reasons.push(reason));
  watch.take(panic);
  watch.close();
  vi.advanceTimersByTime(3_600_000);
  expect(reasons).toEqual([]);
});
