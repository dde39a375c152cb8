import type { Feature } from "@vm/kernel-build";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
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
