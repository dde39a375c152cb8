import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  beginInstallation,
  installStep,
  type InstallEffect,
  type InstallEvent,
  type InstallRules,
  type InstallState,
} from "../src/live/install-step.js";
import type { InstallOutcome } from "../src/live/outcome.js";
import { commandVerdict, type ProgramEnd, verdict } from "../src/live/verdict.js";

const rules: InstallRules = { timeoutMs: 10_000, silenceMs: 1000, home: "/vms" };
const poweredOff: ProgramEnd = { code: 0, signal: null, said: "" };
const killed: ProgramEnd = { code: null, signal: "SIGKILL", said: "" };

function play(events: readonly InstallEvent[]): { state: InstallState; effects: InstallEffect["kind"][] } {
  let { state } = beginInstallation(rules, 0);
  const effects: InstallEffect["kind"][] = [];
  for (const event of events) {
    const next = installStep(state, event);
    ({ state } = next);
    for (const { kind } of next.effects)
      if (kind === "open-shell" || kind === "end-program") effects.push(kind);
  }
  return { state, effects };
}

function said(line: string): InstallEvent {
  return { kind: "guest-said", line };
}

function looked(atMs: number, isDiskFull = false): InstallEvent {
  return { kind: "looked", atMs, isDiskFull };
}

const started = said("vm1 started");
const section: InstallEvent = {
  kind: "progressed",
  progress: { kind: "section", number: 1, count: 2, title: "Partition" },
};
const done: InstallEvent = { kind: "progressed", progress: { kind: "done", message: "x" } };
const failed: InstallEvent = {
  kind: "progressed",
  progress: { kind: "failed", message: "sfdisk (status 1)" },
};
const panicked: InstallEvent = { kind: "panicked", line: "Kernel panic - not syncing: x" };
const stop: InstallEvent = { kind: "stop", signal: 15 };
const stopped: InstallOutcome = { kind: "stopped", signal: 15 };

function lost(reason: string): InstallOutcome {
  return { kind: "lost", reason };
}

const noAnswer = lost("the guest ended with no answer: it powered itself off");
const whole = [started, section, done, said("vm1 exited 0")];
const installed: InstallOutcome = { kind: "installed" };

const cases: readonly (readonly [string, readonly InstallEvent[], InstallOutcome, ProgramEnd?])[] = [
  ["both words", whole, installed],
  ["both words, the guest's first", [started, said("vm1 exited 0"), done], installed],
  ["both words, and QEMU is killed after the sync", whole, installed, killed],
  ["a time limit that came too late", [...whole, looked(20_000)], installed, killed],
  ["stopped all the same", [...whole, stop], stopped, killed],
  ["the script's word alone", [started, done], noAnswer],
  [
    "the guest's word alone",
    [started, section, said("vm1 exited 0")],
    lost("the guest says that it is installed, but its log does not end so"),
  ],
  ["half a word", [started, done, said("vm1 exited 0000"), said("vm1 exi"), said(" vm1 exited 0")], noAnswer],
  [
    "the first status counts",
    [started, done, said("vm1 exited 1"), said("vm1 exited 0")],
    { kind: "failed", reason: "the script ended with status 1 and does not say where" },
  ],
  [
    "the script says where",
    [started, failed, said("vm1 exited 1")],
    { kind: "failed", reason: "sfdisk (status 1)" },
  ],
  ["a panic", [started, panicked], { kind: "panicked", reason: "Kernel panic - not syncing: x" }],
  [
    "a time limit",
    [started, { kind: "heard", atMs: 9500 }, looked(10_001)],
    { kind: "timed-out", reason: "it was not done after 10 s" },
    killed,
  ],
  [
    "silence",
    [started, looked(1001)],
    { kind: "timed-out", reason: "nothing was heard of the installation for 1 s" },
    killed,
  ],
  [
    "silence from the beginning",
    [looked(1001)],
    {
      kind: "timed-out",
      reason: "nothing was heard of the live system, which never ran the installation, for 1 s",
    },
    killed,
  ],
  [
    "a full disk",
    [started, looked(10, true), looked(20_000)],
    { kind: "failed", reason: "the disk of /vms is full: the guest can write no more" },
    killed,
  ],
  ["stopped", [started, stop, panicked], stopped, killed],
  [
    "stopped when it was too late already, and both words all the same",
    [looked(1001), ...whole, stop],
    stopped,
    killed,
  ],
  [
    "QEMU killed",
    [started, section],
    lost("the guest ended with no answer: QEMU was killed by SIGKILL"),
    killed,
  ],
  [
    "QEMU died",
    [started, section],
    lost("the guest ended with no answer: qemu: out of memory"),
    { code: 1, signal: null, said: "qemu: out of memory" },
  ],
  [
    "QEMU refuses",
    [],
    {
      kind: "not-started",
      reason: "the live system ended before it ran the installation: qemu: no such disk",
    },
    { code: 1, signal: null, said: "qemu: no such disk" },
  ],
];

const rows = cases.map(([name, events, outcome, end = poweredOff]) => ({ name, events, outcome, end }));

test.each(rows)("$name", ({ events, outcome, end }) => {
  expect(verdict(play(events).state.seen, end)).toEqual(outcome);
});

test("the cases have every outcome", () => {
  const kinds: Readonly<Record<InstallOutcome["kind"], true>> = {
    installed: true,
    failed: true,
    panicked: true,
    "timed-out": true,
    lost: true,
    "not-started": true,
    stopped: true,
  };
  expect(new Set(cases.map(([, , { kind }]) => kind))).toEqual(new Set(Object.keys(kinds)));
});

test("it is ended once, for the first reason; a guest that has answered is given time to power itself off", () => {
  expect(play([started, looked(1001), looked(20_000)]).effects).toEqual(["end-program"]);
  expect(play([started, stop, looked(20_000), stop]).effects).toEqual(["end-program"]);
  const { effects } = installStep(play([started]).state, said("vm1 exited 0"));
  expect(effects).toEqual([{ kind: "start-timer", timer: "power-off", ms: 60_000 }]);
  expect(play([...whole, { kind: "timer", timer: "power-off" }]).effects).toEqual(["end-program"]);
});

test("while the person has a shell nothing is too long, and the silence begins after it", () => {
  const shell = [started, said("vm1 shell"), { kind: "shell-began" } as const];
  expect(play([...shell, looked(500_000, true)]).effects).toEqual(["open-shell"]);
  const after: InstallEvent = { kind: "shell-ended", atMs: 9000 };
  expect(play([...shell, after, looked(9900)]).state.seen.ended).toBeNull();
  expect(play([...shell, after, looked(10_001)]).state.seen.ended).toMatchObject({ kind: "timed-out" });
});

const anyEvents = fc.array(
  fc.constantFrom<InstallEvent>(
    ...whole,
    ...whole,
    failed,
    panicked,
    said("vm1 exited 1"),
    said("vm1 exited 00"),
    said("vm1 shell"),
    looked(500),
    looked(5000),
    looked(500, true),
    { kind: "heard", atMs: 600 },
    stop,
    { kind: "timer", timer: "power-off" },
  ),
  { maxLength: 15 },
);
const anyEnd = fc.record({
  code: fc.constantFrom(0, 1, 2, 130, 249, 250, 253, 254, 255, null),
  signal: fc.constantFrom(null, "SIGKILL" as const),
  said: fc.constantFrom("", "qemu: it failed"),
});

test("no sequence of events without both words ends as installed", () => {
  fc.assert(
    fc.property(anyEvents, anyEnd, (events, end) => {
      const statuses = events.flatMap((event) =>
        event.kind === "guest-said" && /^vm1 exited \d$/.test(event.line) ? [event.line] : [],
      );
      const { seen } = play(events).state;
      const isDone = events.includes(done) && !events.includes(stop);
      const isZero = statuses[0] === "vm1 exited 0";
      const isInstalled = verdict(seen, end).kind === "installed";
      const isCommandsInstalled = commandVerdict(seen, end).kind === "installed";
      expect(!isInstalled || (isDone && isZero)).toBe(true);
      expect(!isCommandsInstalled || (isDone && end.code === 0 && end.signal === null)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});
