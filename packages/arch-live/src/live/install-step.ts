import type { Progress } from "@vm/arch-installer";
import type { Transition } from "@vm/guest-run";
import type { Seen } from "./verdict.js";

/** What is settled before the guest starts. */
export interface InstallRules {
  /** For the whole guest; null: without end. */
  readonly timeoutMs: number | null;
  /** How long nothing may be heard of the guest. */
  readonly silenceMs: number;
  /** The directory of the VMs, for the person. */
  readonly home: string;
}

/** Where an installation stands. Plain data: every change is a step. Times are milliseconds of one clock. */
export interface InstallState {
  readonly rules: InstallRules;
  /** What the verdict is passed on. */
  readonly seen: Seen;
  readonly startedAtMs: number;
  /** When the last sign of life came. */
  readonly heardAtMs: number;
  /** Shells that the person has open: nobody is in a hurry then. */
  readonly shells: number;
}

/** What can happen to an installation. */
export type InstallEvent =
  /** Something came from the guest, whatever it is. */
  | { readonly kind: "heard"; readonly atMs: number }
  /** A line of progress came in the log. */
  | { readonly kind: "progressed"; readonly progress: Progress }
  | { readonly kind: "panicked"; readonly line: string }
  /** A line came on the status port. */
  | { readonly kind: "guest-said"; readonly line: string }
  /** Some time has gone by. `isDiskFull`: the guest can write no more. */
  | { readonly kind: "looked"; readonly atMs: number; readonly isDiskFull: boolean }
  | { readonly kind: "shell-began" }
  | { readonly kind: "shell-ended"; readonly atMs: number }
  /** The person ends the installation. */
  | { readonly kind: "stop"; readonly signal: number }
  | { readonly kind: "timer"; readonly timer: InstallTimer };

/** `power-off`: after its answer the guest only has to power itself off. */
export type InstallTimer = "power-off";

/** What is to be done, beside timers. */
export type InstallEffect =
  /** Give the person the shell that the guest offers. */
  | { readonly kind: "open-shell" }
  /** End the program that is the guest. */
  | { readonly kind: "end-program" };

type Next = Transition<InstallState, InstallEffect, InstallTimer>;

const POWER_OFF_MS = 60_000;

/** The state when the program was started. */
export function beginInstallation(rules: InstallRules, atMs: number): Next {
  const seen: Seen = {
    started: false,
    status: null,
    done: false,
    failure: null,
    panic: null,
    ended: null,
  };
  return stay({ rules, seen, startedAtMs: atMs, heardAtMs: atMs, shells: 0 });
}

/** The session of an installation: what follows from an event. Pure. */
export function installStep(state: InstallState, event: InstallEvent): Next {
  switch (event.kind) {
    case "heard":
      return stay({ ...state, heardAtMs: event.atMs });
    case "progressed":
      return stay(progressed(state, event.progress));
    case "panicked":
      return stay(see(state, { panic: state.seen.panic ?? event.line }));
    case "guest-said":
      return guestSaid(state, event.line);
    case "looked":
      return looked(state, event);
    case "shell-began":
      return stay({ ...state, shells: state.shells + 1 });
    case "shell-ended":
      return stay({ ...state, shells: state.shells - 1, heardAtMs: event.atMs });
    case "stop":
      return end(state, { kind: "stopped", signal: event.signal });
    case "timer":
      return { state, effects: [{ kind: "end-program" }] };
    default:
      return event satisfies never;
  }
}

function progressed(state: InstallState, progress: Progress): InstallState {
  const { done, failure } = state.seen;
  return see(state, {
    started: true,
    done: done || progress.kind === "done",
    failure: progress.kind === "failed" ? progress.message : failure,
  });
}

function guestSaid(state: InstallState, line: string): Next {
  if (line === "vm1 started") return stay(see(state, { started: true }));
  if (line === "vm1 shell") return { state, effects: [{ kind: "open-shell" }] };
  const [, status] = /^vm1 exited (0|[1-9]\d{0,2})$/.exec(line) ?? [];
  if (status === undefined) return stay(state);
  return {
    state: see(state, { status: state.seen.status ?? Number(status) }),
    // It was written after sync(1): what is left of the guest may be killed.
    effects: [{ kind: "start-timer", timer: "power-off", ms: POWER_OFF_MS }],
  };
}

function looked(
  state: InstallState,
  { atMs, isDiskFull }: { readonly atMs: number; readonly isDiskFull: boolean },
): Next {
  const { rules, seen, shells, startedAtMs, heardAtMs } = state;
  const { timeoutMs, silenceMs, home } = rules;
  if (shells > 0) return stay(state);
  if (isDiskFull) {
    return end(state, {
      kind: "failed",
      reason: `the disk of ${home} is full: the guest can write no more`,
    });
  }
  if (timeoutMs !== null && atMs - startedAtMs > timeoutMs) {
    return end(state, { kind: "timed-out", reason: `it was not done after ${seconds(timeoutMs)}` });
  }
  if (atMs - heardAtMs > silenceMs) {
    const what = seen.started ? "the installation" : "the live system, which never ran the installation,";
    return end(state, {
      kind: "timed-out",
      reason: `nothing was heard of ${what} for ${seconds(silenceMs)}`,
    });
  }
  return stay(state);
}

/** The first reason counts. That the person stops it counts more than any other. */
function end(state: InstallState, why: NonNullable<Seen["ended"]>): Next {
  const { ended } = state.seen;
  if (ended !== null && (why.kind !== "stopped" || ended.kind === "stopped")) return stay(state);
  return { state: see(state, { ended: why }), effects: [{ kind: "end-program" }] };
}

function see(state: InstallState, more: Partial<Seen>): InstallState {
  return { ...state, seen: { ...state.seen, ...more } };
}

function stay(state: InstallState): Next {
  return { state, effects: [] };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
