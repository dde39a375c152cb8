import type { RestartRequest, StopRequest } from "@vm/operations";
import type { DryRun } from "../caller.js";
import { parseDuration } from "../option-values.js";
import { usageError } from "../usage-error.js";

/** How guests are ended, as options. */
interface StopOptions {
  readonly force?: true;
  readonly timeout?: string;
}

/** @throws USAGE */
function stopSettings({ force, timeout }: StopOptions): Pick<StopRequest, "timeoutMs" | "way"> {
  if (force === true && timeout !== undefined) {
    throw usageError("--timeout is for a guest that powers off by itself, and --force does not wait for it");
  }
  return {
    ...(force === true ? { way: "at-once" } : {}),
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
  };
}

/** The options of `vm stop`. */
export interface StopGuestsOptions extends DryRun, StopOptions {
  readonly all?: true;
  readonly json?: true;
}

/** `vm stop NAME...`, `vm stop --all` @throws USAGE */
export function stopRequest(names: readonly string[], options: StopGuestsOptions): StopRequest {
  const { all } = options;
  if ((all === true) === names.length > 0) {
    throw usageError(
      all === true ? "--all and names exclude each other" : "which guest?",
      "vm stop NAME, or vm stop --all",
    );
  }
  return { operation: "stop", guests: all === true ? "all" : names, ...stopSettings(options) };
}

/** The options of `vm restart`. */
export interface RestartOptions extends DryRun, StopOptions {
  /** False with `--no-wait`. */
  readonly wait: boolean;
}

/** `vm restart NAME` @throws USAGE */
export function restartRequest(guest: string, options: RestartOptions): RestartRequest {
  return {
    operation: "restart",
    guest,
    ...stopSettings(options),
    ...(options.wait ? {} : { until: "started" }),
  };
}
