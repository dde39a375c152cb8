import type { Feature } from "@vm/kernel-build";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import { requestError } from "../request/request-error.js";
import type { DebugSettings } from "../request/request.js";
import type { DebugGuest, DebugSurroundings } from "./debug-guest.js";

/** What they ask of the kernel. */
export function debugFeatures({ gdb, dump, trace }: DebugSettings = {}): Feature[] {
  return [
    ...(dump === undefined ? [] : (["dump"] as const)),
    ...(gdb === undefined ? [] : (["gdb"] as const)),
    ...(trace === undefined ? [] : (["trace"] as const)),
  ];
}

/** The kernel has one list of events to trace from the boot on, and takes the last (kernel/trace/trace_events.c). @throws `REQUEST_INVALID` */
export function checkTracing({ trace }: DebugSettings = {}, parameters: readonly string[] = []): void {
  if (trace === undefined || !/(?:^|[\s"])trace[_-]event=/m.test(parameters.join("\n"))) return;
  throw requestError(
    "debug.trace",
    "a kernel parameter trace_event= of your own would take the place of it",
    "Name all events in one of them.",
  );
}

/** A guest made ready to be looked at, where that is asked for: what it needs is loaded only then. */
export async function prepareDebug(
  settings: DebugSettings | undefined,
  surroundings: DebugSurroundings,
  mode: Mode,
  host: Host,
): Promise<DebugGuest | undefined> {
  if (settings === undefined || debugFeatures(settings).length === 0) return undefined;
  const { debugGuest } = await import("./debug-guest.js");
  return debugGuest(settings, surroundings, mode, host);
}
