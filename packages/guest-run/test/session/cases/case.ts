import type { SessionEvent } from "../../../src/session/events.js";
import type { Outcome } from "../../../src/session/outcome.js";
import type { QemuEnd } from "../../../src/session/qemu-process.js";
import type { SessionRules } from "../../../src/session/state.js";
import { began, ended, exited, output, started } from "../played-session.js";

/** What happens in a session, and how it ends. */
export interface Case {
  readonly name: string;
  readonly rules?: Partial<SessionRules>;
  readonly events: readonly SessionEvent[];
  /** How QEMU ends after them; default: by its guest, or by itself. */
  readonly end?: QemuEnd;
  readonly outcome: Outcome;
}

export const running = [started, began];
export const answered = [...running, ...output, exited(0)];
export const onDisk = { writes: "guest-disk" } as const;
export const limited = { timeoutMs: 5000, bootTimeoutMs: 2000 } as const;
export const success: Outcome = { kind: "exited", status: 0 };

export function qemuSaid(stderr: string, code = 1): QemuEnd {
  return { ...ended, code, stderr };
}

export function notStarted(cause: "configuration" | "image" | "guest" | "qemu", reason: string): Outcome {
  return { kind: "not-started", cause, reason };
}

export function lost(by: "guest" | "qemu", reason: string): Outcome {
  return { kind: "lost", by, reason };
}

export const boot = "The command had not begun after 5 s.";
export const command = "The command had not ended after 5 s.";
export const outputNeverEnded = "The command ended with status 0, but its output never did.";
export const outputLost = "The command ended with status 0, but its output did not come through.";
export const noAnswer = "The guest powered off or rebooted before the command answered.";
