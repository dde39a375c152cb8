import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const dumpCommand: CommandDeclaration = {
  arguments: [
    ["<name>", "name of the virtual machine"],
    ["<file>", "where its memory goes"],
  ],
  options: [dryRunOption],
  notes: `
The virtual machine was started with --dump or --gdb. Its guest stands still while its memory is written, and goes on then.
The file is an ELF core, for crash and drgn; one whose name ends in .kdump is compressed, and for crash alone:

  vm dump TestVM /tmp/core
  crash ~/linux/vmlinux /tmp/core
  drgn -c /tmp/core -s ~/linux/vmlinux
`,
};
