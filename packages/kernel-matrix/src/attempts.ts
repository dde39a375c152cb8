import { cellDurationMs } from "./report/duration.js";
import type { Attempt, CellEnd } from "./result.js";
import { cellVerdict, describeEnd } from "./verdict.js";

/** How often a test is run on a kernel. */
export interface AttemptRules {
  /** That many times, whatever comes of it; Infinity: until something ends the run. */
  readonly repeat: number;
  /** `failure`: nothing is repeated any more once a test of the run has failed. */
  readonly until: "count" | "failure";
  /** How often each of these times may be tried again when it does not pass. */
  readonly retry: number;
}

export const onceOnly: AttemptRules = { repeat: 1, until: "count", retry: 0 };

/** Of more attempts the first ones are listed. */
const MOST_LISTED = 1000;

/** What comes next for a test: at once, behind the others, or nothing. */
export type NextAttempt = "again" | "later" | "done";

/** The runs of a test on a kernel, one after the other. */
export interface Attempts {
  /** Takes how the last one ended. */
  add(this: void, end: CellEnd): NextAttempt;
  /** What `add` would say. */
  peek(this: void, end: CellEnd): NextAttempt;
  /** How the test ended: as the first time ended that did not pass, else as the first that failed as expected, else as the last; null before the first. */
  end(this: void): CellEnd | null;
  /** Whether one of the times has not passed, retries included. */
  readonly hasFailed: boolean;
}

type Ran = Extract<CellEnd, { kind: "ran" }>;

export function attemptsOf({ repeat, until, retry }: AttemptRules): Attempts {
  const list: Attempt[] = [];
  let total = 0;
  let passed = 0;
  let times = 0;
  let tries = 0;
  let last: CellEnd | null = null;
  let failure: CellEnd | null = null;
  let firstBad: Ran | null = null;
  let expected: Ran | null = null;
  const peek = (end: CellEnd): NextAttempt => {
    if (!isRun(end)) return "done";
    const hasPassed = isAsWanted(end);
    if (!hasPassed && tries < retry) return "again";
    return times + 1 < repeat && !((failure !== null || !hasPassed) && until === "failure")
      ? "later"
      : "done";
  };
  return {
    peek,
    add(end) {
      const next = peek(end);
      if (!isRun(end)) {
        // Nothing was run, or it was ended from outside: what is known of the times before counts.
        if (last === null || end.kind === "broken") failure ??= end;
        last ??= end;
        return next;
      }
      const verdict = cellVerdict(end);
      last = end;
      total += 1;
      if (isAsWanted(end)) passed += 1;
      else firstBad ??= end;
      if (verdict === "xfail") expected ??= end;
      if (list.length < MOST_LISTED) {
        const durationMs = cellDurationMs(end);
        list.push({ startedAt: end.startedAt, durationMs, verdict, reason: describeEnd(end) });
      }
      if (next === "again") {
        tries += 1;
        return next;
      }
      if (!isAsWanted(end)) failure ??= end;
      times += 1;
      tries = 0;
      return next;
    },
    end() {
      const end = failure ?? expected ?? last;
      return end?.kind === "ran" && total > 1
        ? { ...end, attempts: { total, passed, list, failure: failure === null ? firstBad : null } }
        : end;
    },
    get hasFailed() {
      return failure !== null;
    },
  };
}

/** It passed, or failed as it was expected to. */
function isAsWanted(end: Ran): boolean {
  const verdict = cellVerdict(end);
  return verdict === "passed" || verdict === "xfail";
}

function isRun(end: CellEnd): end is Ran {
  return end.kind === "ran" && cellVerdict(end) !== "skipped";
}
