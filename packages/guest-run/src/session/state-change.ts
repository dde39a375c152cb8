import type { SessionTimer } from "./events.js";
import type { Next, SessionState } from "./state.js";
import type { Observations } from "./verdict.js";

/** How long the last words of a console are waited for, and the end of the output after the status. */
export const GRACE_MS = 10_000;

/** No status port and no timer outlives QEMU. */
export function isRunning(state: SessionState): boolean {
  return state.end === null;
}

export function tell(state: SessionState, line: string): Next {
  return next(state, isRunning(state) ? [{ kind: "tell", line }] : []);
}

export function start(state: SessionState, timer: SessionTimer, ms: number): Next {
  return next(state, isRunning(state) ? [{ kind: "start-timer", timer, ms }] : []);
}

export function see(state: SessionState, more: Partial<Observations>): SessionState {
  return { ...state, seen: { ...state.seen, ...more } };
}

/** Notes when something happened for the first time. */
export function timed(state: SessionState, what: keyof SessionState["at"], atMs: number): SessionState {
  return { ...state, at: { ...state.at, [what]: state.at[what] ?? atMs } };
}

export function stay(state: SessionState): Next {
  return { state, effects: [] };
}

export function next(state: SessionState, effects: Next["effects"]): Next {
  return { state, effects };
}
