import type {
  OutputChannel,
  ReaderPace,
  SessionEffect,
  SessionEvent,
  SessionTimer,
} from "../../src/session/events.js";
import type { ComplaintKind } from "@vm/kernel-report";
import type { Outcome } from "../../src/session/outcome.js";
import type { QemuEnd } from "../../src/session/qemu-process.js";
import { beginSession, type SessionRules, type SessionState } from "../../src/session/state.js";
import { step } from "../../src/session/step.js";
import type { TimerEffect } from "../../src/session/step-driver.js";
import { verdict } from "../../src/session/verdict.js";

type Effect = SessionEffect | TimerEffect<SessionTimer>;

/** A session that was played from its events alone: no process, no clock. */
export interface PlayedSession {
  readonly state: SessionState;
  /** In order, those of the beginning first. */
  readonly effects: readonly Effect[];
  /** The timers that still run. */
  readonly running: ReadonlySet<SessionTimer>;
}

export function rulesOf(more: Partial<SessionRules> = {}): SessionRules {
  return {
    writes: "nothing",
    patience: "usual",
    timeoutMs: null,
    bootTimeoutMs: null,
    outputs: ["stdout", "stderr"],
    lacksModules: false,
    failOn: new Set(),
    failed: "ended",
    ...more,
  };
}

export function playFrom({ state, effects, running }: PlayedSession, event: SessionEvent): PlayedSession {
  const after = step(state, event);
  const timers = new Set(running);
  if (event.kind === "timer") timers.delete(event.timer);
  for (const effect of after.effects) {
    if (effect.kind === "start-timer") timers.add(effect.timer);
    if (effect.kind === "stop-timers") for (const timer of effect.timers) timers.delete(timer);
  }
  return { state: after.state, effects: [...effects, ...after.effects], running: timers };
}

export function begin(rules: SessionRules): PlayedSession {
  const { state, effects } = beginSession(rules);
  const running = effects.flatMap((effect) => (effect.kind === "start-timer" ? [effect.timer] : []));
  return { state, effects, running: new Set(running) };
}

export function play(rules: SessionRules, events: readonly SessionEvent[]): PlayedSession {
  return events.reduce(playFrom, begin(rules));
}

/** QEMU ends so, when it has not yet, and the verdict is passed. */
export function outcomeOf(played: PlayedSession, end: QemuEnd = ended): Outcome {
  const { state } = playFrom(played, { kind: "qemu-ended", end: played.state.end ?? end });
  return verdict(state.seen, state.end ?? end, state.rules.failOn);
}

/** QEMU was ended by its guest, or by itself. */
export const ended: QemuEnd = { code: 0, signal: null, stderr: "", error: null };
/** By us, or by somebody else. */
export const killed: QemuEnd = { ...ended, code: null, signal: "SIGKILL" };

export const started: SessionEvent = { kind: "guest-said", event: { kind: "started" }, atMs: 10 };
export const began: SessionEvent = { kind: "guest-said", event: { kind: "command" }, atMs: 20 };

export function exited(status: number): SessionEvent {
  return { kind: "guest-said", event: { kind: "exited", status }, atMs: 30 };
}

export function counted(oopses: number, warnings: number): SessionEvent {
  return { kind: "guest-said", event: { kind: "counted", counts: { oopses, warnings } }, atMs: 29 };
}

export function note(text: string): SessionEvent {
  return { kind: "guest-said", event: { kind: "note", text }, atMs: 25 };
}

export function setupFailed(reason: string): SessionEvent {
  return { kind: "guest-said", event: { kind: "failed", reason }, atMs: 15 };
}

export function complained(kind: ComplaintKind): SessionEvent {
  return { kind: "console-found", finding: { kind: "complaint", complaint: { kind, line: `the ${kind}` } } };
}

export function noInit(missing: string | null): SessionEvent {
  return { kind: "console-found", finding: { kind: "no-init", reason: "VFS: no root", missing } };
}

export const stranded: SessionEvent = {
  kind: "console-found",
  finding: { kind: "stranded", reason: "The guest ended in emergency mode." },
};

export function complete(channel: OutputChannel): SessionEvent {
  return { kind: "output-complete", channel };
}

export const output: readonly SessionEvent[] = [complete("stdout"), complete("stderr")];

export function readerGone(channel: OutputChannel): SessionEvent {
  return { kind: "reader-gone", channel };
}

export function stop(signal: number): SessionEvent {
  return { kind: "stop", signal };
}

export function fired(timer: SessionTimer, readers: ReaderPace = "idle"): SessionEvent {
  return { kind: "timer", timer, readers };
}
