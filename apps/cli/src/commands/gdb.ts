import { resolve } from "node:path";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, type DryRun } from "../dry-run.js";

interface GdbOptions extends DryRun {
  readonly vmlinux?: string;
}

const examples = `
The virtual machine runs with a stub for gdb: vm run NAME -k KERNEL --gdb
gdb comes with the kernel's symbols, and with its own commands (lx-dmesg, lx-ps) where the build has CONFIG_GDB_SCRIPTS.

Examples:
  vm gdb TestVM
  vm gdb TestVM -- -batch -ex 'print linux_banner' -ex bt
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the virtual machine")
    .argument("[arguments...]", "gdb's own, behind --")
    .option("--vmlinux <file>", "the kernel with its symbols (default: that of the run's -k)")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (name: string, more: readonly string[], options: GdbOptions) => {
      const { attachGdb } = await import("../late/gdb-attach.js");
      const { vmlinux } = options;
      await attachGdb(name, {
        context,
        options,
        more,
        ...(vmlinux === undefined ? {} : { vmlinux: resolve(context.cwd, vmlinux) }),
      });
    });
}
