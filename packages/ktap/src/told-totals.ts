import type { KtapStatus, KtapTest } from "./ktap-report.js";

const TOTALS =
  /^# Totals: pass:(\d{1,9}) fail:(\d{1,9}) xfail:(\d{1,9}) xpass:(\d{1,9}) skip:(\d{1,9}) error:(\d{1,9})$/;

/**
 * Rows for tests that have no line: a program of kselftest may count without saying each (kcmp_test does), and ends with the sum. It is believed
 * only where it is that of the whole plan, and has no fewer of any kind than have lines.
 *
 * Source: ksft_print_cnts() of tools/testing/selftests/kselftest.h.
 */
export function unlistedTests(
  lines: readonly string[],
  plan: number,
  listed: readonly KtapTest[],
): KtapTest[] | null {
  const sums = lines.filter((line) => TOTALS.test(line));
  const [sum] = sums;
  if (sum === undefined || sums.length > 1) return null;
  const [pass = 0, fail = 0, xfail = 0, xpass = 0, skip = 0, error = 0] = (TOTALS.exec(sum) ?? [])
    .slice(1)
    .map(Number);
  if (pass + fail + xfail + xpass + skip + error !== plan) return null;
  const told: [KtapStatus, number][] = [
    ["passed", pass + xpass],
    ["failed", fail + error],
    ["expected-failure", xfail],
    ["skipped", skip],
  ];
  let next = Math.max(0, ...listed.map(({ number }) => number)) + 1;
  const rows: KtapTest[] = [];
  for (const [status, count] of told) {
    const left = count - listed.filter((test) => test.status === status).length;
    if (left < 0) return null;
    if (left === 0) continue;
    const name = left === 1 ? "a test with no line of its own" : "tests with no line of their own";
    rows.push({
      name,
      number: next,
      status,
      ...(left === 1 ? {} : { count: left }),
      diagnostics: [],
      subtests: [],
    });
    next += left;
  }
  return rows;
}
