import type { HostKernel } from "@vm/guest-run";
import type { DebugGuest, DebugSurroundings } from "../debug/debug-guest.js";
import { wantsDebug } from "./debug-options.js";
import type { RunOptions } from "./run-options.js";

/** What `--gdb`, `--dump` and `--trace` need, loaded when it is used. */
export function lateDebug(): Promise<typeof import("../late/debug-run.js")> {
  return import("../late/debug-run.js");
}

/** A guest made ready for them, when any of them was given. */
export async function debugGuest(
  options: RunOptions,
  surroundings: DebugSurroundings,
): Promise<DebugGuest | undefined> {
  return wantsDebug(options) ? (await lateDebug()).prepareDebug(options, surroundings) : undefined;
}

/** A host's kernel with their parameters in front of its own, which can override them. */
export function withParameters(host: HostKernel, debug: DebugGuest | undefined): HostKernel {
  return debug === undefined ? host : { ...host, cmdline: [...debug.cmdline, ...host.cmdline] };
}
