import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const listCommand: CommandDeclaration = {
  options: [["--json", "print a JSON array"], ["-q, --quiet", "print names alone"], dryRunOption],
  notes: `
Embedded guests that run with a name are listed, too.
A table on a terminal; elsewhere a line for each machine, with tabs between the fields: name, state, kernel, disk, memory, ssh.
No configuration is run: of one that computes, ? stands for what it would say.

Examples:
  vm list
  vm list -q | xargs -d '\\n' -n 1 vm info
  vm list --json | jq -r '.[] | select(.state == "running") | .name'
`,
};
