import { constants } from "node:os";
import { codedError } from "@vm/command-plan";

/** The reason for an `AbortSignal` that a signal to this process aborts: an error with the exit code 128 + N. */
export function stopReason(signal: "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGQUIT"): Error {
  const number = constants.signals[signal];
  return Object.assign(codedError("STOPPED", `stopped by ${signal}`), {
    exitCode: 128 + number,
    signal: number,
  });
}

/** The number of that signal. */
export function signalOf(reason: unknown): number {
  return reason instanceof Error && "signal" in reason ? Number(reason.signal) : constants.signals.SIGTERM;
}
