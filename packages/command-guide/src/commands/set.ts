import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const setCommand: CommandDeclaration = {
  arguments: [
    ["<name>", "name of the virtual machine"],
    ["<settings...>", "cpus=NUMBER, memory=SIZE"],
  ],
  options: [dryRunOption],
  notes: `
It counts from the next run on: the virtual machine may run. Comments and everything else in vm.mjs stay as they are; one that computes is
for vm edit.

Examples:
  vm set TestVM cpus=4 memory=4G
`,
};
