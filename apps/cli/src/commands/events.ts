import { guestEvents } from "@vm/operations";
import type { Command } from "commander";
import { untilInterrupted } from "../background/followed-output.js";
import { ownScript } from "../background/own-script.js";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, type DryRun } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

const examples = `
A line each, as JSON: what has happened since the start of the guest, and what happens, until it ends. Events are started, up, panic,
watchdog, reset, paused, resumed and exit; at says when.

Examples:
  vm events TestVM | jq -r .event
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of a guest in the background")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (name: string, { dryRun }: DryRun) => {
      const host = ownHost(context);
      if (dryRun === true) {
        writeOutput(ownScript(host));
        return;
      }
      await untilInterrupted(async (signal) => {
        for await (const event of guestEvents(name, host, signal)) writeOutput(`${JSON.stringify(event)}\n`);
      });
    });
}
