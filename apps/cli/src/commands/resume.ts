import { resumeGuest } from "@vm/operations";
import type { Command } from "commander";
import { defineGuestAction } from "../background/guest-action.js";
import type { CommandContext } from "../command-module.js";

const examples = `
Lets a guest go on that vm pause holds.

Examples:
  vm resume TestVM
`;

export function define(command: Command, context: CommandContext): void {
  defineGuestAction(
    command,
    { examples, action: (guest, host) => resumeGuest({ operation: "resume", guest }, host) },
    context,
  );
}
