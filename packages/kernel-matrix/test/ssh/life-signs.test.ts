import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { exchangeLifeSigns } from "../../src/ssh/life-signs.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

test("silence is told once, when it has lasted; signs of life go out meanwhile", () => {
  const beat = vi.fn();
  const onSilent = vi.fn();
  const signs = exchangeLifeSigns({ beat, silenceMs: 30_000, onSilent });
  vi.advanceTimersByTime(29_000);
  signs.heard();
  vi.advanceTimersByTime(29_000);
  expect([beat.mock.calls.length, onSilent.mock.calls.length]).toEqual([11, 0]);
  vi.advanceTimersByTime(120_000);
  expect(onSilent).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

test("a process that was stopped itself has not listened", () => {
  const onSilent = vi.fn();
  const signs = exchangeLifeSigns({ beat: () => {}, silenceMs: 30_000, onSilent });
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(2000);
  expect(onSilent).not.toHaveBeenCalled();
  signs.end();
});
