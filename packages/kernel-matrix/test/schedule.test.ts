import { setImmediate } from "node:timers/promises";
import { assert, asyncProperty, array, boolean, integer } from "fast-check";
import { expect, test } from "vitest";
import { runSchedule, type Schedule } from "../src/schedule.js";

interface Done {
  readonly item: number;
  readonly how: "ran" | "skipped";
}

/** A schedule whose items take some turns of the event loop, and what was seen of it. */
function watched(items: readonly number[], more: Partial<Schedule<number, Done>>) {
  const seen = { running: 0, most: 0, started: [] as number[] };
  const schedule: Schedule<number, Done> = {
    items,
    jobs: 2,
    hasRoom: () => true,
    skip: (item) => ({ item, how: "skipped" }),
    signal: new AbortController().signal,
    run: async (item) => {
      seen.started.push(item);
      seen.most = Math.max(seen.most, ++seen.running);
      for (let turn = 0; turn < item; turn++) await setImmediate();
      seen.running -= 1;
      return { item, how: "ran" };
    },
    ...more,
  };
  return { seen, schedule };
}

test("whatever the items, jobs and room: all run, in order started, never too many, results in order", async () => {
  const property = asyncProperty(
    array(integer({ min: 0, max: 5 }), { maxLength: 20 }),
    integer({ min: 1, max: 6 }),
    array(boolean(), { minLength: 1 }),
    async (items, jobs, room) => {
      let asked = 0;
      const { seen, schedule } = watched(items, {
        jobs,
        hasRoom: () => room[asked++ % room.length] ?? false,
      });
      const results = await runSchedule(schedule);
      expect(results).toEqual(items.map((item) => ({ item, how: "ran" })));
      expect(seen.started).toEqual(items);
      expect(seen.most).toBeLessThanOrEqual(jobs);
    },
  );
  await assert(property, { numRuns: 300 });
});

test("jobs are used: as many run at once as may", async () => {
  const { seen, schedule } = watched([3, 3, 3, 3, 3], { jobs: 3 });
  await runSchedule(schedule);
  expect(seen.most).toBe(3);
});

test("without room one runs at a time, and the schedule still ends", async () => {
  const { seen, schedule } = watched([2, 2, 2], { jobs: 3, hasRoom: () => false });
  await runSchedule(schedule);
  expect(seen.most).toBe(1);
  expect(seen.started).toHaveLength(3);
});

test("after an abort nothing is started, what runs is waited for, the rest is skipped", async () => {
  const abort = new AbortController();
  const { schedule } = watched([0, 1, 2, 3, 4], { jobs: 2, signal: abort.signal });
  const run = async (item: number): Promise<Done | "later"> => {
    if (item === 1) abort.abort();
    return schedule.run(item);
  };
  expect(await runSchedule({ ...schedule, run })).toEqual([
    { item: 0, how: "ran" },
    { item: 1, how: "ran" },
    { item: 2, how: "skipped" },
    { item: 3, how: "skipped" },
    { item: 4, how: "skipped" },
  ]);
});
