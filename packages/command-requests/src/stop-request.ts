import type { StopRequest } from "@vm/operations";
import { parseDuration } from "./option-values.js";
import { usageError } from "./usage-error.js";

/** How guests are ended, as options. */
export interface StopOptions {
  readonly force?: true;
  readonly timeout?: string;
}

/** @throws USAGE */
export function stopSettings({ force, timeout }: StopOptions): Pick<StopRequest, "timeoutMs" | "way"> {
  if (force === true && timeout !== undefined) {
    throw usageError("--timeout is for a guest that powers off by itself, and --force does not wait for it");
  }
  return {
    ...(force === true ? { way: "at-once" } : {}),
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
  };
}
