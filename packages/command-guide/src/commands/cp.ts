import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const cpCommand: CommandDeclaration = {
  arguments: [["<paths...>", "what to copy, and at the end where to"]],
  usage: "[options] <from...> <to>",
  options: [["-p, --preserve", "keep times and modes"], dryRunOption],
  notes: `
NAME:PATH is a path in the guest NAME; a relative one starts at root's home there. Directories are copied with all that is in them, links as what
they lead to. No network is needed.

Examples:
  vm cp ./reproduce TestVM:/tmp/
  vm cp TestVM:/var/log/journal ./logs
`,
};
