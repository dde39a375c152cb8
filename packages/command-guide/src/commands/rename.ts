import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const renameCommand: CommandDeclaration = {
  arguments: [
    ["<name>", "name of the virtual machine"],
    ["<new>", "its new name"],
  ],
  options: [dryRunOption],
  notes: `
Example:
  vm rename TestVM OldVM
`,
};
