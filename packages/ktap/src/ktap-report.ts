/** How a test ended. Source: Documentation/dev-tools/ktap.rst of the kernel. */
export type KtapStatus =
  /** `ok`. */
  | "passed"
  /** `not ok`; or `ok`, where a subtest failed or is missing. */
  | "failed"
  /** `# SKIP`. */
  | "skipped"
  /** `not ok` with `# TODO`, or `# XFAIL`: what was expected to fail. */
  | "expected-failure"
  /** It was running when the output ended. */
  | "unfinished"
  /** It was planned, and there is no result of it. */
  | "not-run";

/** All statuses, in the order in which they are counted. */
export const ktapStatuses: readonly KtapStatus[] = [
  "passed",
  "failed",
  "unfinished",
  "not-run",
  "skipped",
  "expected-failure",
];

/** What follows `#` on a result line. */
export type KtapDirective = "SKIP" | "TODO" | "XFAIL" | "TIMEOUT" | "ERROR";

/** A test with its subtests: plain data. */
export interface KtapTest {
  /** The description; `test N` where there is none. */
  readonly name: string;
  /** The number on its result line; of tests that were not run, the first one's. */
  readonly number: number;
  readonly status: KtapStatus;
  readonly directive?: KtapDirective;
  /** The text behind the directive, or behind `#`. */
  readonly reason?: string;
  /** How many tests this stands for, where it is not one: those of a plan that were not run. */
  readonly count?: number;
  /** The last lines before its result that were no results. */
  readonly diagnostics: readonly string[];
  readonly subtests: readonly KtapTest[];
}

/** How many tests there are of each status; a test with subtests counts only where it says more than they do. */
export type KtapCounts = { readonly [status in KtapStatus]: number };

/** The results of an output: plain data. */
export interface KtapReport {
  /** Of the first version line, such as `KTAP version 1`; null where there was none. */
  readonly version: string | null;
  readonly tests: readonly KtapTest[];
  readonly counts: KtapCounts;
  /** What is wrong with the output itself, a sentence each. */
  readonly problems: readonly string[];
  /** What `Bail out!` said; null where nothing did. */
  readonly bailOut: string | null;
  /** `passed` only where a test ran, and none failed or is missing; `skipped` where all of them were. */
  readonly verdict: "passed" | "failed" | "skipped";
}

/** Whether the status is a reason for the whole to fail. */
export function isBad(status: KtapStatus): boolean {
  return status === "failed" || status === "unfinished" || status === "not-run";
}

/** A test that counts by itself: none has subtests, or its failure is none of theirs. */
export function countsItself({ status, subtests }: KtapTest): boolean {
  return subtests.length === 0 || (isBad(status) && !subtests.some((each) => isBad(each.status)));
}

/** More than these are not kept. */
export const MOST_TESTS = 500_000;

/** The problem of an output with more. */
export const OVERFLOW: string = `more than ${MOST_TESTS} results: those behind are not in the report`;

/** Those of each status. */
export function countTests(tests: readonly KtapTest[]): KtapCounts {
  const counts = { passed: 0, failed: 0, skipped: 0, "expected-failure": 0, unfinished: 0, "not-run": 0 };
  const count = (test: KtapTest): void => {
    if (countsItself(test)) counts[test.status] += test.count ?? 1;
    test.subtests.forEach(count);
  };
  tests.forEach(count);
  return counts;
}
