import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const waitCommand: CommandDeclaration = {
  arguments: [["<name>", "name of a guest in the background"]],
  options: [
    ["--for <event>", "up, exit or panic", { required: true }],
    ["--timeout <seconds>", "give up after that time (default: never)"],
    ["--json", "print the event as JSON"],
    dryRunOption,
  ],
  notes: `
What has happened already since the start of the guest counts. Ends with 253 when the time is over, with 254 when the guest
ends and it has not happened.

Examples:
  vm start TestVM --no-wait && vm wait TestVM --for up
  vm wait TestVM --for panic --timeout 10m
`,
};
