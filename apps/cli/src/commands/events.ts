import { guestEvents, renderJsonLine, type Host } from "@vm/operations";
import type { Command } from "commander";
import { untilInterrupted } from "../background/followed-output.js";
import { defineGuestAction } from "../background/guest-action.js";
import type { CommandContext } from "../command-module.js";
import { writeOutput } from "../output.js";

const examples = `
A line each, as JSON: what has happened since the start of the guest, and what happens, until it ends. Events are started, up, panic,
watchdog, reset, paused, resumed and exit; at says when.

Examples:
  vm events TestVM | jq -r .event
`;

export function define(command: Command, context: CommandContext): void {
  defineGuestAction(command, { examples, action: printEvents }, context);
}

function printEvents(guest: string, host: Host): Promise<void> {
  return untilInterrupted(async (signal) => {
    for await (const event of guestEvents({ operation: "events", guest }, host, signal))
      writeOutput(renderJsonLine(event));
  });
}
