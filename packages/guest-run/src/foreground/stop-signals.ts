import type { ChildProcess } from "node:child_process";

const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** A signal that asks `vm` to stop. */
export type StopSignal = (typeof STOP_SIGNALS)[number];

export interface StopWatch {
  /** The first stop signal that came, if one did. */
  readonly received: StopSignal | null;
  /** Takes the handlers away; the signals do again what they did. */
  release(): void;
}

/**
 * Turns the signals that would end us, and an abort, into an orderly end of the child: SIGTERM first; SIGKILL after `stopTimeoutMs`, or
 * at a second signal. If we end in any other way while it runs (`process.exit`, an uncaught error), it gets SIGTERM.
 */
export function passStopSignals(
  child: () => ChildProcess | undefined,
  {
    stopTimeoutMs,
    signal: abort,
  }: { readonly stopTimeoutMs: number; readonly signal?: AbortSignal | undefined },
): StopWatch {
  let received: StopSignal | null = null;
  let timer: NodeJS.Timeout | undefined;
  const stop = (signal: StopSignal): void => {
    if (received !== null) {
      child()?.kill("SIGKILL");
      return;
    }
    received = signal;
    child()?.kill("SIGTERM");
    timer = setTimeout(() => child()?.kill("SIGKILL"), stopTimeoutMs);
  };
  const handlers = STOP_SIGNALS.map((signal) => [signal, () => stop(signal)] as const);
  const onExit = (): void => void child()?.kill("SIGTERM");
  for (const [signal, handler] of handlers) process.on(signal, handler);
  process.on("exit", onExit);
  const onAbort = (): void => stop("SIGTERM");
  abort?.addEventListener("abort", onAbort);
  return {
    get received() {
      return received;
    },
    release() {
      clearTimeout(timer);
      for (const [signal, handler] of handlers) process.off(signal, handler);
      process.off("exit", onExit);
      abort?.removeEventListener("abort", onAbort);
    },
  };
}
