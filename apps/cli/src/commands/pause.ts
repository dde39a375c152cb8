import { pauseGuest } from "@vm/operations";
import type { Command } from "commander";
import { defineGuestAction } from "../background/guest-action.js";
import type { CommandContext } from "../command-module.js";

const examples = `
Its clocks stand still too, and nothing is lost: vm resume lets it go on.

Examples:
  vm pause TestVM
`;

export function define(command: Command, context: CommandContext): void {
  defineGuestAction(
    command,
    { examples, action: (guest, host) => pauseGuest({ operation: "pause", guest }, host) },
    context,
  );
}
