import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const eventsCommand: CommandDeclaration = {
  arguments: [["<name>", "name of a guest in the background"]],
  options: [dryRunOption],
  notes: `
A line each, as JSON: what has happened since the start of the guest, and what happens, until it ends. Events are started, up, panic,
watchdog, reset, paused, resumed and exit; at says when.

Examples:
  vm events TestVM | jq -r .event
`,
};
