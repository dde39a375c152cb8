import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const logsCommand: CommandDeclaration = {
  arguments: [["<name>", "name of the guest"]],
  options: [["-f, --follow", "go on until the guest ends"], dryRunOption],
  notes: `
Prints what the console of a guest in the background said: since its start, or in its last run. The oldest is dropped after 16 MiB.
On a terminal without the guest's control sequences, elsewhere byte by byte.

Examples:
  vm logs TestVM | less
  vm logs -f TestVM                         goes on until the guest ends, or Ctrl-C
`,
};
