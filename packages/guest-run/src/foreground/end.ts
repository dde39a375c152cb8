import { constants } from "node:os";
import type { StopSignal } from "./stop-signals.js";

/** How a QEMU in the foreground ended. */
export interface ForegroundEnd {
  /** Its exit status, or null when a signal killed it. */
  readonly code: number | null;
  /** The signal that killed it, or null. */
  readonly signal: NodeJS.Signals | null;
  /** The signal to us that made us stop it, or null when it ended by itself. */
  readonly stoppedBy: StopSignal | null;
  /** Why not all of its output could be written (a full disk); null where it was, or where its reader went away. */
  readonly lostOutput: Error | null;
}

/** The status to exit with: QEMU's own, or 128 + N for the signal that stopped the run or killed QEMU, as shells do. */
export function foregroundStatus({
  code,
  signal,
  stoppedBy,
}: Pick<ForegroundEnd, "code" | "signal" | "stoppedBy">): number {
  const last = stoppedBy ?? signal;
  const { signals } = constants;
  return last === null ? (code ?? 1) : 128 + signals[last];
}
