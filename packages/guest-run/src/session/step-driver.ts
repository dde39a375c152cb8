/** What follows from an event: the new state, and what is to be done, in order. */
export interface Transition<State, Effect, Timer extends string> {
  readonly state: State;
  readonly effects: readonly (Effect | TimerEffect<Timer>)[];
}

/** What a step may ask of its driver beside effects of its own. A timer that runs already goes on: the first start counts. */
export type TimerEffect<Timer> =
  | { readonly kind: "start-timer"; readonly timer: Timer; readonly ms: number }
  | { readonly kind: "stop-timers"; readonly timers: readonly Timer[] };

/** A session that is under way. */
export interface StepDriver<State, Event> {
  readonly state: State;
  /** Takes the step that follows from the event. Events that an effect causes come after all effects of its own step. */
  readonly dispatch: (event: Event) => void;
  /** Stops all timers. */
  close(): void;
}

/**
 * Drives a session that is written as a pure step from state and event to the next state and effects: it keeps the state, runs the
 * timers, and hands all other effects to `perform`. All decisions are in the step, where a test can look at each of them.
 *
 * @param onTimer the event of a timer that has run down
 */
export function stepDriver<State, Event, Effect extends { readonly kind: string }, Timer extends string>({
  begin,
  step,
  perform,
  onTimer,
}: {
  /** The state at the beginning, and what is to be done first. */
  readonly begin: Transition<State, Effect, Timer>;
  readonly step: (state: State, event: Event) => Transition<State, Effect, Timer>;
  readonly perform: (effect: Effect) => void;
  readonly onTimer: (timer: Timer) => Event;
}): StepDriver<State, Event> {
  let { state } = begin;
  const timers = new Map<Timer, NodeJS.Timeout>();
  const events: Event[] = [];
  let isStepping = false;

  const carryOut = (effect: Effect | TimerEffect<Timer>): void => {
    if (!isTimerEffect(effect)) perform(effect);
    else if (effect.kind === "start-timer") startTimer(effect.timer, effect.ms);
    else for (const timer of effect.timers) stopTimer(timer);
  };
  const startTimer = (timer: Timer, ms: number): void => {
    if (timers.has(timer)) return;
    const onEnd = (): void => {
      timers.delete(timer);
      dispatch(onTimer(timer));
    };
    timers.set(timer, setTimeout(onEnd, ms));
  };
  const stopTimer = (timer: Timer): void => {
    clearTimeout(timers.get(timer));
    timers.delete(timer);
  };
  const dispatch = (event: Event): void => {
    events.push(event);
    if (isStepping) return;
    isStepping = true;
    try {
      for (let next = events.shift(); next !== undefined; next = events.shift()) {
        const { state: after, effects } = step(state, next);
        state = after;
        for (const effect of effects) carryOut(effect);
      }
    } finally {
      isStepping = false;
    }
  };

  for (const effect of begin.effects) carryOut(effect);
  return {
    get state() {
      return state;
    },
    dispatch,
    close() {
      for (const timer of timers.keys()) stopTimer(timer);
    },
  };
}

function isTimerEffect<Timer>(
  effect: { readonly kind: string } | TimerEffect<Timer>,
): effect is TimerEffect<Timer> {
  return effect.kind === "start-timer" || effect.kind === "stop-timers";
}
