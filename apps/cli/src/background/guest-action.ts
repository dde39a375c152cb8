import type { DryRun } from "@vm/command-requests";
import type { Host } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { ownScript } from "./own-script.js";

/** Defines a command that does one thing to a guest in the background, named by its only argument. */
export function defineGuestAction(
  command: Command,
  {
    examples,
    action,
  }: { readonly examples: string; readonly action: (name: string, host: Host) => Promise<void> },
  context: CommandContext,
): void {
  command
    .argument("<name>", "name of a guest in the background")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (name: string, { dryRun }: DryRun) => {
      const host = ownHost(context);
      if (dryRun === true) writeOutput(ownScript(host));
      else await action(name, host);
    });
}
