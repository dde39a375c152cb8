import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sayingAgain } from "../src/long-work.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("what takes its time is said every ten seconds, until it has ended, well or not", async () => {
  const said: number[] = [];
  for (const end of ["well", "badly"] as const) {
    let finish: (() => void) | undefined;
    const work = sayingAgain(
      () =>
        new Promise<string>((resolve, reject) => {
          finish = () => (end === "well" ? resolve("done") : reject(new Error("broken")));
        }),
      (seconds) => said.push(seconds),
    );
    const ended = work.catch((error: unknown) => String(error));
    await vi.advanceTimersByTimeAsync(9_999);
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_002);
    expect(said).toEqual([10, 20]);
    finish?.();
    expect(await ended).toBe(end === "well" ? "done" : "Error: broken");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(said.splice(0)).toEqual([10, 20]);
  }
});

test("where nobody listens the work is done all the same", async () => {
  expect(await sayingAgain(() => Promise.resolve(7), undefined)).toBe(7);
});
