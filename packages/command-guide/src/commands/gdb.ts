import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const gdbCommand: CommandDeclaration = {
  arguments: [
    ["<name>", "name of the virtual machine"],
    ["[arguments...]", "gdb's own arguments, after --"],
  ],
  options: [
    ["--vmlinux <file>", "the kernel with its symbols (default: that of the run's -k)"],
    dryRunOption,
  ],
  notes: `
The virtual machine runs with a stub for gdb: vm run NAME -k KERNEL --gdb
gdb comes with the kernel's symbols, and with its own commands (lx-dmesg, lx-ps) where the build has CONFIG_GDB_SCRIPTS.

Examples:
  vm gdb TestVM
  vm gdb TestVM -- -batch -ex 'print linux_banner' -ex bt
`,
};
