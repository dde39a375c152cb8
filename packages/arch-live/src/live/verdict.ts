import { guestExitCodes } from "@vm/guest-run";
import type { InstallOutcome } from "./outcome.js";

/** What was seen of an installation, up to the end of the program that is the guest. */
export interface Seen {
  /** The guest runs what it was given. */
  readonly started: boolean;
  /** The status that the guest's script ended with. */
  readonly status: number | null;
  /** The script's own last words. */
  readonly done: boolean;
  readonly failure: string | null;
  readonly panic: string | null;
  /** Why we ended the guest. */
  readonly ended: Extract<InstallOutcome, { kind: "failed" | "timed-out" | "stopped" }> | null;
}

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last line of its standard error. */
  readonly said: string;
}

/** How it ended. Pure. */
export function verdict(seen: Seen, end: ProgramEnd): InstallOutcome {
  if (seen.ended?.kind === "stopped") return seen.ended;
  if (seen.status === 0 && seen.done) return { kind: "installed" };
  if (seen.status !== null && seen.status !== 0) {
    const reason = seen.failure ?? `the script ended with status ${seen.status} and does not say where`;
    return { kind: "failed", reason };
  }
  if (seen.panic !== null) return { kind: "panicked", reason: seen.panic };
  if (seen.ended !== null) return seen.ended;
  const program =
    end.signal === null
      ? end.said || (end.code === 0 ? "it powered itself off" : `QEMU ended with status ${end.code}`)
      : `QEMU was killed by ${end.signal}`;
  if (!seen.started) {
    return {
      kind: "not-started",
      reason: `the live system ended before it ran the installation: ${program}`,
    };
  }
  return seen.status === 0
    ? { kind: "lost", reason: "the guest says that it is installed, but its log does not end so" }
    : { kind: "lost", reason: `the guest ended with no answer: ${program}` };
}

/** What the exit code of `vm run --exec` says beyond being one: docs/exit-codes.md. */
export function commandVerdict(seen: Seen, end: ProgramEnd): InstallOutcome {
  if (seen.ended !== null) return seen.ended;
  if (end.code === 0 && end.signal === null) return verdict({ ...seen, status: 0 }, end);
  const reason =
    end.said.replace(/^vm: (?:the kernel panicked: )?/, "") ||
    `vm run ended with ${end.signal ?? `status ${end.code}`}`;
  switch (end.signal === null ? end.code : null) {
    case 249:
    case guestExitCodes["not-started"]:
    case 2:
      return { kind: "not-started", reason };
    case guestExitCodes.panicked:
    case guestExitCodes.oopsed:
    case guestExitCodes.hung:
      return { kind: "panicked", reason };
    case guestExitCodes["timed-out"]:
      return { kind: "timed-out", reason };
    case guestExitCodes.lost:
    case null:
      return { kind: "lost", reason };
    default:
      return verdict({ ...seen, started: true, status: end.code }, end);
  }
}
