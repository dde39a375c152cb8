import { assert, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { MOST_SEED, randomSeed, testOrder } from "../src/test-order.js";

test("a seed gives the same order for ever: one that a report names can be given again", () => {
  expect(testOrder(8, 1)).toEqual([2, 1, 6, 7, 4, 3, 0, 5]);
  expect(testOrder(8, 4_294_967_295)).toEqual([0, 2, 6, 3, 5, 4, 1, 7]);
  expect(testOrder(4, null)).toEqual([0, 1, 2, 3]);
  expect(testOrder(0, 5)).toEqual([]);
});

test("whatever seed and count: each once, the same each time", () => {
  const rule = property(integer({ min: 0, max: MOST_SEED }), integer({ min: 0, max: 200 }), (seed, count) => {
    const order = testOrder(count, seed);
    expect(order.toSorted((one, other) => one - other)).toEqual(testOrder(count, null));
    expect(testOrder(count, seed)).toEqual(order);
  });
  assert(rule, { numRuns: 300 });
});

test("seeds make a difference: each test comes first under some of them", () => {
  const first = new Set(Array.from({ length: 100 }, (_, seed) => testOrder(5, seed)[0]));
  expect(first.size).toBe(5);
  expect(randomSeed()).toBeLessThanOrEqual(MOST_SEED);
});
