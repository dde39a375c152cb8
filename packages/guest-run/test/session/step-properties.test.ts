import * as fc from "fast-check";
import { expect, test } from "vitest";
import { commandExitCode } from "../../src/session/exit-code.js";
import type { SessionEvent, SessionTimer } from "../../src/session/events.js";
import type { ComplaintKind } from "@vm/kernel-report";
import type { QemuEnd } from "../../src/session/qemu-process.js";
import type { SessionRules } from "../../src/session/state.js";
import {
  began,
  begin,
  complained,
  complete,
  counted,
  ended,
  exited,
  fired,
  killed,
  noInit,
  note,
  outcomeOf,
  play,
  playFrom,
  readerGone,
  rulesOf,
  setupFailed,
  started,
  stop,
  stranded,
} from "./played-session.js";

const ends: readonly QemuEnd[] = [
  ended,
  killed,
  { ...ended, code: 1, stderr: "qemu: it failed" },
  { ...ended, stderr: "qemu: terminating on signal 15 from pid 7 (kill)" },
];
const timers: readonly SessionTimer[] = [
  "timeout",
  "boot-timeout",
  "panic",
  "hang",
  "stranded",
  "output",
  "readers",
  "power-off",
  "kill",
];

/** Everything that can happen, a 0 for a status as often as not. */
const alphabet: readonly SessionEvent[] = [
  { kind: "console-began", atMs: 1 },
  started,
  began,
  exited(0),
  exited(0),
  exited(0),
  exited(1),
  exited(137),
  note("Killed"),
  setupFailed("no tmpfs"),
  complete("stdout"),
  complete("stderr"),
  complete("stdout"),
  complete("stderr"),
  readerGone("stdout"),
  readerGone("stderr"),
  counted(1, 0),
  counted(0, 1),
  complained("panic"),
  complained("oops"),
  complained("warn"),
  complained("softlockup"),
  noInit("CONFIG_9P_FS"),
  stranded,
  stop(2),
  { kind: "signal", name: "INT" },
  { kind: "resize", rows: 24, columns: 80 },
  { kind: "stream-failed", error: new Error("ENOSPC") },
  ...timers.flatMap((timer) => [fired(timer), fired(timer, "full")]),
  ...ends.map((end): SessionEvent => ({ kind: "qemu-ended", end })),
];

const anyRules: fc.Arbitrary<SessionRules> = fc
  .record({
    writes: fc.constantFrom("nothing", "host-files", "guest-disk"),
    patience: fc.constantFrom("usual", "endless"),
    timeoutMs: fc.constantFrom(null, 5000),
    bootTimeoutMs: fc.constantFrom(null, 2000),
    outputs: fc.constantFrom(["stdout", "stderr"] as const),
    lacksModules: fc.boolean(),
    failOn: fc.constantFrom(new Set<ComplaintKind>(), new Set<ComplaintKind>(["warn"])),
  })
  .map((rules) => rulesOf(rules));
const anyEvents = fc.array(fc.constantFrom(...alphabet), { maxLength: 25 });

/** What makes success impossible, found in the events alone, with none of the session's own words. */
function reasonAgainst(events: readonly SessionEvent[], { failOn }: SessionRules): string | null {
  let status: number | null = null;
  let isDropped = false;
  let isWhole = false;
  let counts = { oopses: 0, warnings: 0 };
  const missing = new Set(["stdout", "stderr"]);
  for (const event of events) {
    if (event.kind === "stop") return "stopped";
    if (event.kind === "guest-said" && event.event.kind === "exited") status ??= event.event.status;
    if (event.kind === "guest-said" && event.event.kind === "counted") {
      const { oopses, warnings } = event.event.counts;
      counts = { oopses, warnings };
    }
    if (event.kind === "output-complete" || event.kind === "reader-gone") missing.delete(event.channel);
    if (event.kind === "console-found" && event.finding.kind === "complaint") {
      const { kind } = event.finding.complaint;
      if (kind === "panic" || kind === "oops" || failOn.has(kind)) return kind;
    }
    isWhole ||= status !== null && missing.size === 0 && !isDropped;
    if (event.kind === "stream-failed") isDropped = true;
    if (event.kind === "timer" && event.timer === "readers") {
      isDropped = true;
      if (event.readers !== "idle") isWhole = false;
    }
  }
  if (status !== 0) return "no status 0";
  if (counts.oopses > 0) return "an oops that was counted";
  const isTold = events.some(({ kind }) => kind === "console-found");
  if (counts.warnings > 0 && failOn.has("warn") && !isTold) return "a warning that was counted";
  return isWhole ? null : "not whole";
}

function isSuccess(rules: SessionRules, events: readonly SessionEvent[], end: QemuEnd): boolean {
  return commandExitCode(outcomeOf(play(rules, events), end)) === 0;
}

test("no sequence of events without a whole answer ends as success", () => {
  let successes = 0;
  fc.assert(
    fc.property(anyRules, anyEvents, fc.constantFrom(...ends), (rules, events, end) => {
      if (!isSuccess(rules, events, end)) return;
      successes += 1;
      expect(reasonAgainst(events, rules)).toBeNull();
    }),
    { numRuns: 20_000 },
  );
  // It has been looked at, then.
  expect(successes).toBeGreaterThan(100);
});

test("and none of all short ones", () => {
  const few: readonly SessionEvent[] = [
    started,
    began,
    exited(0),
    complete("stdout"),
    complete("stderr"),
    readerGone("stdout"),
    complained("panic"),
    complained("oops"),
    complained("softlockup"),
    stop(2),
    fired("hang"),
    fired("timeout"),
    fired("readers", "full"),
    { kind: "qemu-ended", end: killed },
  ];
  const rules = rulesOf({ timeoutMs: 5000 });
  const wrong: SessionEvent[][] = [];
  let successes = 0;
  const look = (events: SessionEvent[], depth: number): void => {
    if (isSuccess(rules, events, killed)) {
      successes += 1;
      if (reasonAgainst(events, rules) !== null) wrong.push(events);
    }
    if (depth > 0) for (const event of few) look([...events, event], depth - 1);
  };
  look([], 4);
  expect(wrong).toEqual([]);
  // Of three: the orders of the status and two outputs. Of four: one more anywhere.
  expect(successes).toBeGreaterThan(12);
});

test("a whole answer of 0 with no complaint is success, whatever else happens before it", () => {
  const harmless = alphabet.filter(
    ({ kind }) => kind === "console-began" || kind === "signal" || kind === "resize",
  );
  fc.assert(
    fc.property(
      anyRules,
      fc.shuffledSubarray([exited(0), complete("stdout"), complete("stderr")], { minLength: 3 }),
      fc.array(fc.tuple(fc.nat(3), fc.constantFrom(...harmless, complained("taint"), note("x")))),
      (rules, answer, more) => {
        const events = [...answer];
        for (const [at, event] of more) events.splice(at, 0, event);
        expect(outcomeOf(play(rules, [started, began, ...events]))).toEqual({ kind: "exited", status: 0 });
      },
    ),
  );
});

test("with a time limit QEMU is killed in the end, whatever has happened", () => {
  const happenings = alphabet.filter(({ kind }) => kind !== "qemu-ended" && kind !== "timer");
  const anyHappening = fc.oneof(fc.constantFrom(...happenings), fc.nat(9));
  fc.assert(
    fc.property(anyRules, fc.array(anyHappening, { maxLength: 20 }), (rules, happened) => {
      let played = begin({ ...rules, timeoutMs: 5000 });
      const fire = (index: number): void => {
        const timer = [...played.running].at(index % Math.max(1, played.running.size));
        if (timer !== undefined) played = playFrom(played, fired(timer));
      };
      // A number: one of the timers that run has run down.
      for (const next of happened)
        if (typeof next === "number") fire(next);
        else played = playFrom(played, next);
      for (let count = 0; played.running.size > 0; count += 1) {
        expect(count).toBeLessThan(20);
        fire(0);
      }
      const isKilled = played.effects.some(
        (effect) => effect.kind === "give-up" || (effect.kind === "kill" && effect.signal === "SIGKILL"),
      );
      expect(isKilled).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test("when QEMU has ended nothing is started any more but the wait for our readers", () => {
  fc.assert(
    fc.property(anyRules, anyEvents, anyEvents, (rules, before, after) => {
      const played = play(rules, [...before, { kind: "qemu-ended", end: ended }]);
      expect([...played.running].filter((timer) => timer !== "readers")).toEqual([]);
      const events = after.filter(({ kind }) => kind !== "timer" && kind !== "qemu-ended");
      const { effects, running } = events.reduce(playFrom, { ...played, effects: [] });
      expect(running).toEqual(played.running);
      expect(effects.filter(({ kind }) => kind === "tell" || kind === "start-timer")).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});
