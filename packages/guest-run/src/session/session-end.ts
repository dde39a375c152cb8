import type { OutputChannel, ReaderPace, SessionTimer } from "./events.js";
import type { QemuEnd } from "./qemu-process.js";
import type { Next, SessionState } from "./state.js";
import { GRACE_MS, isRunning, next, see, start, stay } from "./state-change.js";
import { untoldComplaints } from "./untold-complaints.js";
import type { EndedBy } from "./verdict.js";

/** How long a guest may take to power off after its answer. */
const POWER_OFF_MS = 120_000;

/** These have no meaning any more when the answer is there, or QEMU has ended. */
const RUN_TIMERS: readonly SessionTimer[] = [
  "timeout",
  "boot-timeout",
  "panic",
  "hang",
  "stranded",
  "output",
];

/** An output came to its end, or nobody reads it any more. */
export function outputEnded(state: SessionState, channel: OutputChannel): Next {
  return withAnswer({ ...state, awaited: state.awaited.filter((other) => other !== channel) }, []);
}

/** Ends the guest when its answer is whole: the status, and all of the output; else goes on with `effects`. */
export function withAnswer(state: SessionState, effects: Next["effects"]): Next {
  const { seen, awaited, isOutputDropped, isQuitting } = state;
  if (seen.status === null || awaited.length > 0 || isOutputDropped || isQuitting) {
    return next(state, isRunning(state) ? effects : []);
  }
  // Of a guest that was gone before its answer was whole nobody can say that it recovered from a hang.
  const complaintsAtAnswer = isRunning(state) ? seen.complaints.length : 0;
  const answered = {
    ...see(state, { outputComplete: true, complaintsAtAnswer }),
    isQuitting: true,
  };
  if (!isRunning(state)) return stay(answered);
  const stopTimers: Next["effects"][number] = { kind: "stop-timers", timers: RUN_TIMERS };
  // One that was given up ends already, perhaps after the dump of its memory.
  return next(answered, seen.endedBy === null ? [stopTimers, ...quit(state)] : [stopTimers]);
}

function quit({ rules: { writes, failed, failOn }, seen }: SessionState): Next["effects"] {
  const isFailure =
    seen.status !== 0 || seen.complaints.some(({ kind }) => kind === "oops" || failOn.has(kind));
  if (failed === "kept" && isFailure) return [{ kind: "give-up" }];
  switch (writes) {
    case "nothing":
      return [{ kind: "kill", signal: "SIGKILL" }];
    case "host-files":
      return [
        { kind: "kill", signal: "SIGTERM" },
        { kind: "start-timer", timer: "kill", ms: GRACE_MS },
      ];
    case "guest-disk":
      return [{ kind: "start-timer", timer: "power-off", ms: POWER_OFF_MS }];
    default:
      return writes satisfies never;
  }
}

export function timerEnded(state: SessionState, timer: SessionTimer, readers: ReaderPace): Next {
  const { rules, seen } = state;
  const phase = seen.commandBegan ? "command" : "boot";
  switch (timer) {
    case "timeout":
      return end(state, { kind: "timeout", phase, afterMs: rules.timeoutMs ?? 0 });
    case "boot-timeout":
      return seen.commandBegan
        ? stay(state)
        : end(state, { kind: "timeout", phase, afterMs: rules.bootTimeoutMs ?? 0 });
    case "panic":
      return next(state, [{ kind: "give-up" }]);
    case "hang":
      return end(state, { kind: "hang", reason: state.hang ?? "The kernel hung." });
    case "stranded":
      return seen.commandBegan
        ? stay(state)
        : end(state, { kind: "stranded", reason: state.stranded ?? "The boot has given up." });
    case "output": {
      // It is our own reader that is slow.
      if (readers === "full") return start(state, "output", GRACE_MS);
      const reason = `The command ended with status ${seen.status}, but its output never did.`;
      return end(state, { kind: "hang", reason });
    }
    case "readers":
      return next(dropped(state, readers), [{ kind: "drop-output" }]);
    case "power-off": {
      const reason = `The guest did not power off within ${POWER_OFF_MS / 1000} s of its answer.`;
      return next(see(state, { endedBy: seen.endedBy ?? { kind: "no-shutdown", reason } }), [
        { kind: "kill", signal: "SIGTERM" },
        { kind: "start-timer", timer: "kill", ms: GRACE_MS },
      ]);
    }
    case "kill":
      return next(state, [{ kind: "kill", signal: "SIGKILL" }]);
    default:
      return timer satisfies never;
  }
}

/** A reader of ours that is slow is still waited for: that timer goes on. */
export function qemuEnded(state: SessionState, qemuEnd: QemuEnd): Next {
  const timers: readonly SessionTimer[] = [...RUN_TIMERS, "power-off", "kill"];
  // The whole console was read by now.
  const untold = untoldComplaints(state.counts, state.seen.complaints);
  const after =
    untold.length === 0 ? state : see(state, { complaints: [...state.seen.complaints, ...untold] });
  return next({ ...after, end: qemuEnd }, [{ kind: "stop-timers", timers }]);
}

/** What was answered is not whole when a reader of ours has not taken all of it by now. */
function dropped(state: SessionState, readers: ReaderPace): SessionState {
  const outputComplete = state.seen.outputComplete && readers === "idle";
  return { ...see(state, { outputComplete }), isOutputDropped: true };
}

/** We end the guest. The first reason counts; that the person stops the run counts more than any other. */
export function end(state: SessionState, by: EndedBy): Next {
  const { endedBy } = state.seen;
  const isFirst = endedBy === null || (by.kind === "stop" && endedBy.kind !== "stop");
  const after = isFirst ? see(state, { endedBy: by }) : state;
  if (by.kind === "stop") {
    return next({ ...after, isOutputDropped: true }, [
      { kind: "drop-output" },
      { kind: "kill", signal: "SIGKILL" },
    ]);
  }
  return next(after, [{ kind: "start-timer", timer: "readers", ms: GRACE_MS }, { kind: "give-up" }]);
}
