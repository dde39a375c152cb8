import { resumeGuest } from "@vm/operations";
import type { Command } from "commander";
import { ownScript } from "../background/own-script.js";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, type DryRun } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

const examples = `
Lets a guest go on that vm pause holds.

Examples:
  vm resume TestVM
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of a guest in the background")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (name: string, { dryRun }: DryRun) => {
      const host = ownHost(context);
      if (dryRun === true) writeOutput(ownScript(host));
      else await resumeGuest(name, host);
    });
}
