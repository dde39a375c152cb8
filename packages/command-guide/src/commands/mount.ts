import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const mountCommand: CommandDeclaration = {
  arguments: [
    ["<name>", "name of the guest"],
    ["<directory>", "a directory of this machine"],
  ],
  options: [
    ["--from <directory>", "the guest's directory (default: /)"],
    ["--read-only", "nothing can be changed through it"],
    dryRunOption,
  ],
  notes: `
It needs sshfs, and no network. fusermount3 -u DIRECTORY unmounts it.

Examples:
  vm mount TestVM /mnt/guest
  vm mount TestVM --from /var/log --read-only ./logs
`,
};
