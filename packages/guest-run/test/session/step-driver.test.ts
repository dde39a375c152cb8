import { expect, onTestFinished, test, vi } from "vitest";
import { stepDriver, type StepDriver, type Transition } from "../../src/session/step-driver.js";

type Timer = "a" | "b";
interface Say {
  readonly kind: "say";
  readonly text: string;
}

type Event = { readonly texts: readonly string[] } | { readonly start: Timer } | { readonly stop: Timer };

/** Its state is what it has heard; it says what it hears, and a `!` makes it hear a `?`. */
function driver(begin: Transition<readonly string[], Say, Timer>["effects"] = []): {
  session: StepDriver<readonly string[], Event>;
  said: string[];
} {
  const said: string[] = [];
  const session = stepDriver<readonly string[], Event, Say, Timer>({
    begin: { state: [], effects: begin },
    step(state, event) {
      if ("start" in event) return { state, effects: [{ kind: "start-timer", timer: event.start, ms: 30 }] };
      if ("stop" in event) return { state, effects: [{ kind: "stop-timers", timers: [event.stop] }] };
      return {
        state: [...state, ...event.texts],
        effects: event.texts.map((text) => ({ kind: "say", text })),
      };
    },
    perform({ text }) {
      said.push(text);
      if (text === "!") session.dispatch({ texts: ["?"] });
      if (text === "throw") throw new Error("it failed");
    },
    onTimer: (timer) => ({ texts: [timer] }),
  });
  return { session, said };
}

test("an event of an effect comes after all effects of its own step", () => {
  const { session, said } = driver();
  session.dispatch({ texts: ["!", "x"] });
  expect(said).toEqual(["!", "x", "?"]);
  expect(session.state).toEqual(["!", "x", "?"]);
});

test("an effect that fails stops no later event", () => {
  const { session, said } = driver();
  expect(() => session.dispatch({ texts: ["throw"] })).toThrow("it failed");
  session.dispatch({ texts: ["y"] });
  expect(said).toEqual(["throw", "y"]);
});

test("a timer runs down once, also when it was started twice, and not when it was stopped", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { session, said } = driver([{ kind: "start-timer", timer: "b", ms: 30 }]);
  session.dispatch({ start: "a" });
  vi.advanceTimersByTime(20);
  session.dispatch({ start: "a" });
  session.dispatch({ stop: "b" });
  vi.advanceTimersByTime(100);
  expect(said).toEqual(["a"]);
  session.dispatch({ start: "a" });
  session.close();
  vi.advanceTimersByTime(60);
  expect(said).toEqual(["a"]);
});
