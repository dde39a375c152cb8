import type { Command } from "commander";

/** Adds the options that say how guests are ended. */
export function addStopOptions(command: Command): Command {
  return command
    .option("-f, --force", "end QEMU at once: what the guest has not written yet is lost")
    .option("--timeout <seconds>", "end QEMU when the guest has not powered off by then (default: 90)");
}
