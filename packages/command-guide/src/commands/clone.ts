import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const cloneCommand: CommandDeclaration = {
  arguments: [
    ["<name>", "name of the virtual machine"],
    ["<new>", "name of the copy"],
  ],
  options: [
    ["--linked", "share what is on the disks now, and keep only what each writes itself"],
    dryRunOption,
  ],
  notes: `
Disks are copied, by reflinks where the file system has them. With --linked what is on them now becomes the base of both machines, and
each writes into an image of its own: that takes no time and no space. The base stays in the directory of the first one, which can be
removed or renamed only when nothing stands on it any more.

Examples:
  vm clone TestVM Copy
  vm clone --linked Debian Experiment
`,
};
