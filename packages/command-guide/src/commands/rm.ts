import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const rmCommand: CommandDeclaration = {
  arguments: [["<name>", "name of the virtual machine"]],
  options: [["-y, --yes", "do not ask"], dryRunOption],
  notes: `
The virtual machine must not run, and no disk of another one may stand on its own (see vm clone --linked).

Examples:
  vm rm TestVM
  vm rm TestVM --yes
`,
};
