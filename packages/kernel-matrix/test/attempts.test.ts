import { assert, array, boolean, constantFrom, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { attemptsOf, type AttemptRules } from "../src/attempts.js";
import { cellVerdict, describeEnd } from "../src/verdict.js";
import { passed, ran } from "./made-results.js";

const failed = ran({ kind: "exited", status: 1 });
const stopped = ran({ kind: "stopped", signal: 2 });

/** Runs a test whose runs end as given, and says what came of it. */
function runs(rules: Partial<AttemptRules>, ends: readonly boolean[]) {
  const attempts = attemptsOf({ repeat: 1, until: "count", retry: 0, ...rules });
  const steps: string[] = [];
  for (const end of ends) {
    steps.push(attempts.add(end ? passed : failed));
    if (steps.at(-1) === "done") break;
  }
  const end = attempts.end();
  return { steps, end, verdict: end === null ? null : cellVerdict(end), hasFailed: attempts.hasFailed };
}

test("once is once, and says nothing of attempts", () => {
  expect(runs({}, [true])).toMatchObject({ steps: ["done"], verdict: "passed" });
  expect(runs({}, [true]).end).not.toHaveProperty("attempts");
  expect(runs({}, [false])).toMatchObject({ steps: ["done"], verdict: "failed", hasFailed: true });
});

test("a test that passes when it is tried again is flaky, and its failure is kept", () => {
  const { steps, verdict, end } = runs({ retry: 3 }, [false, false, true]);
  expect(steps).toEqual(["again", "again", "done"]);
  expect(verdict).toBe("flaky");
  expect(end).toMatchObject({ attempts: { total: 3, passed: 1, failure: failed } });
  expect(end && describeEnd(end)).toBe(
    "passed when it was tried again: 2 of 3 runs did not pass (exited with status 1)",
  );
  expect(runs({ retry: 2 }, [false, false, false])).toMatchObject({
    verdict: "failed",
    end: { attempts: { total: 3, passed: 0, failure: null } },
  });
});

test("of repeated runs a single failure is a failure, and is what is told", () => {
  const { verdict, steps, end } = runs({ repeat: 3 }, [true, false, true]);
  expect(steps).toEqual(["later", "later", "done"]);
  expect(verdict).toBe("failed");
  expect(end && describeEnd(end)).toBe("exited with status 1; 1 of 3 runs did not pass");
  expect(runs({ repeat: 3 }, [true, true, true])).toMatchObject({ verdict: "passed" });
});

test("until a failure: it goes on while runs pass, and no longer", () => {
  const rules = { repeat: Infinity, until: "failure" } as const;
  expect(runs(rules, [true, true, true]).steps).toEqual(["later", "later", "later"]);
  expect(runs(rules, [true, false, true])).toMatchObject({ steps: ["later", "done"], verdict: "failed" });
});

test("what a stop interrupts takes nothing from the runs before it", () => {
  const attempts = attemptsOf({ repeat: 9, until: "count", retry: 0 });
  attempts.add(passed);
  attempts.add(passed);
  expect(attempts.add(stopped)).toBe("done");
  expect(attempts.end()).toMatchObject({ attempts: { total: 2, passed: 2 } });
  const first = attemptsOf({ repeat: 9, until: "count", retry: 0 });
  first.add(stopped);
  expect(first.end()).toBe(stopped);
});

test("a kernel that cannot be used is not tried again", () => {
  const attempts = attemptsOf({ repeat: 5, until: "count", retry: 5 });
  const end = { kind: "unusable", problem: { code: "X", message: "no" } } as const;
  expect(attempts.add(end)).toBe("done");
  expect(attempts.end()).toBe(end);
});

test("whatever the runs: no more of them than the rules allow, and passed only where every time did in the end", () => {
  const rules = property(
    integer({ min: 1, max: 5 }),
    integer({ min: 0, max: 3 }),
    constantFrom("count" as const, "failure" as const),
    array(boolean(), { minLength: 24, maxLength: 24 }),
    (repeat, retry, until, ends) => {
      const { steps, verdict, hasFailed } = runs({ repeat, retry, until }, ends);
      expect(steps.at(-1)).toBe("done");
      expect(steps.length).toBeLessThanOrEqual(repeat * (retry + 1));
      const used = ends.slice(0, steps.length);
      expect(verdict).toBe(hasFailed ? "failed" : used.includes(false) ? "flaky" : "passed");
    },
  );
  assert(rules, { numRuns: 500 });
});
