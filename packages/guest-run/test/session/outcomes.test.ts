import { expect, test } from "vitest";
import { commandExitCode } from "../../src/session/exit-code.js";
import type { Outcome } from "../../src/session/outcome.js";
import { answers } from "./cases/answers.js";
import { success } from "./cases/case.js";
import { failedStarts } from "./cases/failed-starts.js";
import { lostAnswers } from "./cases/lost-answers.js";
import { ended, outcomeOf, play, rulesOf } from "./played-session.js";

const cases = [...answers, ...lostAnswers, ...failedStarts];

test.each(cases)("$name", ({ rules, events, end = ended, outcome }) => {
  const played = play(rulesOf(rules), events);
  expect(outcomeOf(played, end)).toEqual(outcome);
});

test("the cases have every outcome, and only those that say so are success", () => {
  const kinds: Readonly<Record<Outcome["kind"], true>> = {
    exited: true,
    signalled: true,
    panicked: true,
    oopsed: true,
    hung: true,
    "timed-out": true,
    lost: true,
    "not-started": true,
    stopped: true,
  };
  expect(new Set(cases.map(({ outcome }) => outcome.kind))).toEqual(new Set(Object.keys(kinds)));
  const causes = cases.flatMap(({ outcome }) => (outcome.kind === "not-started" ? [outcome.cause] : []));
  expect(new Set(causes)).toEqual(new Set(["configuration", "image", "guest", "qemu"]));
  for (const { name, outcome } of cases)
    expect([name, commandExitCode(outcome) === 0]).toEqual([name, outcome === success]);
});
