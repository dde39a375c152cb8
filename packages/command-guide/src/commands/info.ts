import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const infoCommand: CommandDeclaration = {
  arguments: [["<name>", "name of the virtual machine, or of an embedded guest that runs"]],
  options: [["--json", "print a JSON object, as vm list --json has it"], dryRunOption],
  notes: `
Example:
  vm info TestVM --json | jq .diskUsedBytes
`,
};
