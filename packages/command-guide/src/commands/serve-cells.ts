import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const serveCellsCommand: CommandDeclaration = {
  arguments: [],
  options: [dryRunOption],
  notes: `
vm test --on ssh starts it on each host, and talks to it through standard input and output. When those end, so do its guests.
`,
};
