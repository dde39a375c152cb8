import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const pauseCommand: CommandDeclaration = {
  arguments: [["<name>", "name of a guest in the background"]],
  options: [dryRunOption],
  notes: `
Its clocks stand still too, and nothing is lost: vm resume lets it go on.

Examples:
  vm pause TestVM
`,
};
