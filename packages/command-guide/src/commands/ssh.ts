import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const sshCommand: CommandDeclaration = {
  arguments: [["<name>", "name of the guest"]],
  usage: "[options] <name> [ssh's options] [command]",
  options: [dryRunOption],
  notes: `
What is behind the guest's name is ssh's: its options, and a command, which the guest's shell reads. Exit codes are ssh's own (255: an error of it);
vm exec tells them apart.

Examples:
  vm ssh TestVM
  vm ssh TestVM 'dmesg | tail'
  vm ssh TestVM -L 8080:localhost:80
`,
};
