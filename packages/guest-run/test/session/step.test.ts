import { expect, test } from "vitest";
import type { SessionEvent } from "../../src/session/events.js";
import type { ComplaintKind } from "@vm/kernel-report";
import type { SessionRules } from "../../src/session/state.js";
import { answered, limited, onDisk, running } from "./cases/case.js";
import {
  began,
  complained,
  counted,
  ended,
  exited,
  fired,
  killed,
  note,
  outcomeOf,
  output,
  play,
  readerGone,
  rulesOf,
  started,
  stranded,
} from "./played-session.js";

/** The last two effects of a whole answer. */
function after(rules: Partial<SessionRules>): unknown {
  return play(rulesOf(rules), answered).effects.slice(-2);
}

function told(events: readonly SessionEvent[]): unknown {
  return play(rulesOf(), events).effects.filter(({ kind }) => kind === "tell");
}

test("how a guest is ended after its answer depends on what it can have written", () => {
  const killNow = { kind: "kill", signal: "SIGKILL" };
  const stopTimers = {
    kind: "stop-timers",
    timers: ["timeout", "boot-timeout", "panic", "hang", "stranded", "output"],
  };
  expect(after({ writes: "nothing" })).toEqual([stopTimers, killNow]);
  expect(after({ writes: "host-files" })).toEqual([
    { kind: "kill", signal: "SIGTERM" },
    { kind: "start-timer", timer: "kill", ms: 10_000 },
  ]);
  expect(after({ writes: "guest-disk" })).toEqual([
    stopTimers,
    { kind: "start-timer", timer: "power-off", ms: 120_000 },
  ]);
  const stubborn = play(rulesOf(onDisk), [...answered, fired("power-off"), fired("kill")]);
  expect(stubborn.effects.slice(-3)).toEqual([
    { kind: "kill", signal: "SIGTERM" },
    { kind: "start-timer", timer: "kill", ms: 10_000 },
    killNow,
  ]);
  // A dump of its memory may be under way: that comes first.
  const givenUp = play(rulesOf(limited), [...running, fired("timeout"), ...output, exited(0)]);
  expect(givenUp.effects.filter(({ kind }) => kind === "kill" || kind === "give-up")).toEqual([
    { kind: "give-up" },
  ]);
});

test("a debugger has endless patience with panics and hangs", () => {
  const { running: timers, effects } = play(rulesOf({ patience: "endless" }), [
    ...running,
    complained("panic"),
    complained("softlockup"),
    stranded,
  ]);
  expect([...timers]).toEqual([]);
  expect(effects.filter(({ kind }) => kind !== "begin-input")).toEqual([]);
});

test("a boot that has given up is waited for a little, and what looks so once the command has begun not at all", () => {
  const waiting = play(rulesOf(onDisk), [stranded, stranded]);
  expect(waiting.effects.filter(({ kind }) => kind === "start-timer")).toEqual([
    { kind: "start-timer", timer: "stranded", ms: 10_000 },
  ]);
  expect(play(rulesOf(onDisk), [stranded, started, began, fired("stranded")]).effects).not.toContainEqual({
    kind: "give-up",
  });
  expect([...play(rulesOf(), [...running, stranded]).running]).toEqual([]);
  const patient = play(rulesOf({ patience: "endless" }), [stranded]);
  expect([...patient.running]).toEqual([]);
});

test("a slow reader of ours is waited for, until the run is given up", () => {
  const waiting = play(rulesOf(limited), [...running, exited(0), fired("output", "full")]);
  expect([...waiting.running].toSorted()).toEqual(["boot-timeout", "output", "timeout"]);
  const givenUp = play(rulesOf(limited), [...running, exited(0), fired("output", "behind")]);
  expect(givenUp.effects.slice(-2)).toEqual([
    { kind: "start-timer", timer: "readers", ms: 10_000 },
    { kind: "give-up" },
  ]);
  // It goes on when QEMU has ended, and no other does.
  expect([
    ...play(givenUp.state.rules, [...running, fired("timeout"), { kind: "qemu-ended", end: killed }]).running,
  ]).toEqual(["readers"]);
});

test("the guest is told what happens on our side, while there is one", () => {
  const interrupt: SessionEvent = { kind: "signal", name: "INT" };
  const resize: SessionEvent = { kind: "resize", rows: 24, columns: 80 };
  expect(told([started, interrupt, resize])).toEqual([{ kind: "tell", line: "size 24 80" }]);
  expect(told([...running, interrupt, readerGone("stdout")])).toEqual([
    { kind: "tell", line: "signal INT" },
    { kind: "tell", line: "close stdout" },
  ]);
  expect(
    told([...running, { kind: "qemu-ended", end: ended }, interrupt, resize, readerGone("stderr")]),
  ).toEqual([]);
});

test("a stream of ours that fails ends the guest, and the first failure is the reason", () => {
  const [first, second] = [new Error("ENOSPC"), new Error("EIO")];
  const { state, effects } = play(rulesOf(), [
    ...running,
    { kind: "stream-failed", error: first },
    { kind: "stream-failed", error: second },
    ...output,
    exited(0),
  ]);
  expect(state.failure).toBe(first);
  expect(state.seen.outputComplete).toBe(false);
  expect(effects.slice(1, 3)).toEqual([{ kind: "drop-output" }, { kind: "kill", signal: "SIGKILL" }]);
});

test("a guest that repeats itself without end fills no memory", () => {
  const events = Array.from({ length: 5000 }, () => [
    complained("warn"),
    note("x"),
    complained("oops"),
  ]).flat();
  const { state } = play(rulesOf(), [...running, ...events]);
  expect(state.seen.complaints).toHaveLength(200);
  expect(state.droppedComplaints).toBe(9800);
  expect(state.seen.notes).toHaveLength(100);
});

test("times are those of the first event of each kind", () => {
  const { state } = play(rulesOf(), [
    { kind: "console-began", atMs: 1 },
    { kind: "console-began", atMs: 2 },
    ...running,
    { kind: "guest-said", event: { kind: "started" }, atMs: 99 },
    { kind: "guest-said", event: { kind: "kernel", release: "6.1.0" }, atMs: 99 },
    exited(0),
    { kind: "guest-said", event: { kind: "exited", status: 1 }, atMs: 99 },
  ]);
  expect(state.at).toEqual({ firstConsoleByteMs: 1, initMs: 10, commandMs: 20, statusMs: 30 });
  expect(state.release).toBe("6.1.0");
});

/** How the guest is ended. */
function endsOf(rules: Parameters<typeof rulesOf>[0], ...events: readonly SessionEvent[]): string[] {
  return play(rulesOf({ failed: "kept", ...rules }), [...running, ...events, ...output]).effects.flatMap(
    (effect) => (effect.kind === "give-up" ? [effect.kind] : effect.kind === "kill" ? [effect.signal] : []),
  );
}

test("a guest that is kept for who looks at it is given up, not ended at once, when its command failed, and only then", () => {
  expect(endsOf({}, exited(3))).toEqual(["give-up"]);
  expect(endsOf({}, complained("oops"), exited(0))).toEqual(["give-up"]);
  expect(endsOf({ failOn: new Set(["warn"]) }, complained("warn"), exited(0))).toEqual(["give-up"]);
  expect(endsOf({}, complained("warn"), exited(0))).toEqual(["SIGKILL"]);
  expect(endsOf({ failed: "ended" }, exited(3))).toEqual(["SIGKILL"]);
});

test("what the kernel has counted and its console has not shown is a complaint, once all of it was read", () => {
  const answer = [started, began, counted(1, 2), exited(0), ...output];
  const outcome = (failOn: readonly ComplaintKind[], ...late: readonly SessionEvent[]): unknown =>
    outcomeOf(play(rulesOf({ failOn: new Set(failOn) }), [...answer, ...late]), killed);
  expect(outcome([])).toMatchObject({ kind: "oopsed", complaint: "oops", status: 0 });
  // The console is read a little later than the status.
  expect(outcome([], complained("oops"))).toMatchObject({ kind: "oopsed", reason: "the oops" });
  const warned = [started, began, counted(0, 1), exited(0), ...output];
  expect(outcomeOf(play(rulesOf(), warned), killed)).toEqual({ kind: "exited", status: 0 });
  const failOn = new Set(["warn"] as const);
  expect(outcomeOf(play(rulesOf({ failOn }), warned), killed)).toMatchObject({ complaint: "warn" });
  expect(outcomeOf(play(rulesOf({ failOn }), [...warned, complained("bug")]), killed)).toEqual({
    kind: "exited",
    status: 0,
  });
});
