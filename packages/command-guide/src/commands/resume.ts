import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const resumeCommand: CommandDeclaration = {
  arguments: [["<name>", "name of a guest in the background"]],
  options: [dryRunOption],
  notes: `
Lets a guest go on that vm pause holds.

Examples:
  vm resume TestVM
`,
};
