import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const editCommand: CommandDeclaration = {
  arguments: [["<name>", "name of the virtual machine"]],
  options: [dryRunOption],
  notes: `
A copy of vm.mjs is opened in $VISUAL, $EDITOR or vi. It takes the place of the old one only when a run would take it; else the old one stays,
and what was written is kept beside it.

Example:
  EDITOR=nano vm edit TestVM
`,
};
