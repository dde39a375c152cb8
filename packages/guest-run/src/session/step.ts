import type { GuestEvent } from "../protocol/status-protocol.js";
import type { ConsoleFinding } from "./console-watch.js";
import type { OutputChannel, SessionEvent } from "./events.js";
import { end, outputEnded, qemuEnded, timerEnded, withAnswer } from "./session-end.js";
import type { Next, SessionState } from "./state.js";
import { GRACE_MS, next, see, start, stay, tell, timed } from "./state-change.js";
import { isHang } from "./verdict.js";

const MAX_NOTES = 100;
/** Complaints of a kind that are kept: a guest may repeat itself without end. */
const MAX_COMPLAINTS = 100;

/** The session of a command in a guest: what follows from an event. Pure. */
export function step(state: SessionState, event: SessionEvent): Next {
  switch (event.kind) {
    case "console-began":
      return stay(timed(state, "firstConsoleByteMs", event.atMs));
    case "console-found":
      return found(state, event.finding);
    case "guest-said":
      return guestSaid(state, event.event, event.atMs);
    case "output-complete":
      return outputEnded(state, event.channel);
    case "reader-gone":
      return readerGone(state, event.channel);
    case "stream-failed":
      return next({ ...state, failure: state.failure ?? event.error, isOutputDropped: true }, [
        { kind: "drop-output" },
        { kind: "kill", signal: "SIGKILL" },
      ]);
    case "stop":
      return end(state, { kind: "stop", signal: event.signal });
    case "signal":
      return state.seen.commandBegan ? tell(state, `signal ${event.name}`) : stay(state);
    case "resize":
      return tell(state, `size ${event.rows} ${event.columns}`);
    case "timer":
      return timerEnded(state, event.timer, event.readers);
    case "qemu-ended":
      return qemuEnded(state, event.end);
    default:
      return event satisfies never;
  }
}

function guestSaid(state: SessionState, event: GuestEvent, atMs: number): Next {
  const { commandBegan, status, notes } = state.seen;
  switch (event.kind) {
    case "started":
      return stay(timed(see(state, { started: true }), "initMs", atMs));
    case "kernel":
      return stay({ ...state, release: event.release });
    case "command":
      return next(timed(see(state, { commandBegan: true }), "commandMs", atMs), [{ kind: "begin-input" }]);
    case "exited":
      if (status !== null) return stay(state);
      return withAnswer(timed(see(state, { status: event.status }), "statusMs", atMs), [
        { kind: "start-timer", timer: "output", ms: GRACE_MS },
      ]);
    case "counted":
      return stay({ ...state, counts: event.counts });
    case "failed":
      return next(see(state, { failure: event.reason }), [{ kind: "kill", signal: "SIGKILL" }]);
    case "note":
      if (!commandBegan || status !== null || notes.length >= MAX_NOTES) return stay(state);
      return stay(see(state, { notes: [...notes, event.text] }));
    default:
      return event satisfies never;
  }
}

function found(state: SessionState, finding: ConsoleFinding): Next {
  const { noInit, complaints } = state.seen;
  if (finding.kind === "no-init") return stay(see(state, { noInit: noInit ?? finding }));
  if (finding.kind === "stranded") return stranded(state, finding.reason);
  const { complaint } = finding;
  const isKept = complaints.filter(({ kind }) => kind === complaint.kind).length < MAX_COMPLAINTS;
  const after = isKept
    ? see(state, { complaints: [...complaints, complaint] })
    : { ...state, droppedComplaints: state.droppedComplaints + 1 };
  if (state.rules.patience === "endless") return stay(after);
  // `panic=-1` ends QEMU by itself, unless the person's own parameters say otherwise.
  if (complaint.kind === "panic") return start(after, "panic", GRACE_MS);
  if (!isHang(complaint.kind)) return stay(after);
  return start({ ...after, hang: state.hang ?? complaint.line }, "hang", GRACE_MS);
}

/** What a console says once the command has begun is the command's own. */
function stranded(state: SessionState, reason: string): Next {
  if (state.seen.commandBegan || state.stranded !== null || state.rules.patience === "endless") {
    return stay(state);
  }
  return start({ ...state, stranded: reason }, "stranded", GRACE_MS);
}

function readerGone(state: SessionState, channel: OutputChannel): Next {
  const after = outputEnded({ ...state, closedOutputs: [...state.closedOutputs, channel] }, channel);
  // The command then gets SIGPIPE, as it would here.
  return next(after.state, [...tell(state, `close ${channel}`).effects, ...after.effects]);
}
