import type { Block } from "./ktap-block.js";
import type { KtapStatus, KtapTest } from "./ktap-report.js";
import { guessName } from "./running-test.js";
import { unlistedTests } from "./told-totals.js";

/**
 * Rows for what a block's plan has and its results do not: tests that are told by their sum alone, one that was running, and those that were not run.
 *
 * @param running the test that was running, where its subtests are known
 * @param take the diagnostics for a test of that status; they are the block's no more
 */
export function missingTests(
  block: Block,
  ending: "cut" | "whole",
  running: KtapTest | null,
  take: (block: Block, status: KtapStatus) => string[],
): KtapTest[] {
  const wanted = block.plan ?? block.highest;
  const have = block.plan === null ? block.numbers.size : block.tests.length;
  let missing = wanted - have - (running === null ? 0 : 1);
  if (running === null && missing > 0 && block.plan !== null) {
    const unlisted = unlistedTests(block.diagnostics, block.plan, block.tests);
    if (unlisted !== null) return unlisted;
  }
  const rows: KtapTest[] = running === null ? [] : [running];
  let next = block.highest + 1 + rows.length;
  const wasRunning = missing > 0 || (block.plan === null && ending === "cut");
  if (running === null && wasRunning && block.highest < wanted + (block.plan === null ? 1 : 0)) {
    if (!(ending === "whole" && block.plan === null)) {
      rows.push({
        name: guessName(block.diagnostics) ?? `test ${next}`,
        number: next,
        status: "unfinished",
        diagnostics: take(block, "unfinished"),
        subtests: [],
      });
      missing -= 1;
      next += 1;
    }
  }
  if (missing > 0) {
    const isTail = next + missing - 1 === wanted;
    const last = next + missing - 1;
    rows.push({
      name: !isTail
        ? `${missing} of the numbers 1 to ${wanted}`
        : missing === 1
          ? `test ${next}`
          : `tests ${next} to ${last}`,
      number: isTail ? next : 1,
      status: "not-run",
      ...(missing === 1 ? {} : { count: missing }),
      diagnostics: [],
      subtests: [],
    });
  }
  return rows;
}
