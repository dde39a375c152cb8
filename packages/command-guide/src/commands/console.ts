import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const consoleCommand: CommandDeclaration = {
  arguments: [["<name>", "name of a guest in the background"]],
  options: [
    ["--detach-key <key>", "the key that leaves the console, as ^A to ^Z, ^\\, ^] or ^_", { default: "^]" }],
    dryRunOption,
  ],
  notes: `
What the console said last comes first; vm logs has all of it. Any number of people may be attached at once, and all can type.
Ctrl-] leaves the console, and the guest goes on. QEMU's own keys work as ever: Ctrl-A C is its monitor, Ctrl-A X ends it.

Examples:
  vm console TestVM
  vm console TestVM --detach-key '^T'
`,
};
