import { randomInt } from "node:crypto";

/** The largest seed. */
export const MOST_SEED = 0xffff_ffff;

export function randomSeed(): number {
  return randomInt(MOST_SEED + 1);
}

/**
 * The numbers from 0 to below `count`, in an order that the seed alone decides: the same on every machine and in every version of vm.
 *
 * @param seed null: ascending
 */
export function testOrder(count: number, seed: number | null): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  if (seed === null) return order;
  const next = mulberry32(seed);
  // Fisher and Yates, from the end.
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return order;
}

/** Numbers from 0 to below 1. Source: Tommy Ettinger's mulberry32, in the public domain. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
