import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const sshConfigCommand: CommandDeclaration = {
  arguments: [["<names...>", "names of guests that run"]],
  options: [dryRunOption],
  notes: `
With it ssh, scp, rsync and editors call a guest vm-NAME; no network is needed. It stays right when the guest is started anew.

Examples:
  vm ssh-config TestVM >> ~/.ssh/config
  ssh vm-TestVM
  rsync -a ./tests/ vm-TestVM:/tmp/tests/
`,
};
