import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const shellCommand: CommandDeclaration = {
  arguments: [["<name>", "name of the guest"]],
  options: [dryRunOption],
  notes: `
Any number of shells at once, in a virtual machine or an embedded guest that runs; no network is needed.

Examples:
  vm shell TestVM
`,
};
