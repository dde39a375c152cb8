import type { StopRequest } from "@vm/operations";
import type { Command } from "commander";
import { parseDuration } from "../option-values.js";
import { usageError } from "../usage-error.js";

/** How guests are ended, as commander hands it over. */
export interface StopOptions {
  readonly force?: true;
  readonly timeout?: string;
}

/** Adds them to a command. */
export function addStopOptions(command: Command): Command {
  return command
    .option("-f, --force", "end QEMU at once: what the guest has not written yet is lost")
    .option("--timeout <seconds>", "end QEMU when the guest has not powered off by then (default: 90)");
}

export function stopSettings({ force, timeout }: StopOptions): Pick<StopRequest, "timeoutMs" | "way"> {
  if (force === true && timeout !== undefined) {
    throw usageError("--timeout is for a guest that powers off by itself, and --force does not wait for it");
  }
  return {
    ...(force === true ? { way: "at-once" } : {}),
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
  };
}
