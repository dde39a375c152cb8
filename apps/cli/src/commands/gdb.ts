import type { Plan } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import { gdbCommand, type GdbRequest } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { ownHost } from "../own-host.js";
import { runPlan } from "../run/plan-run.js";

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
    .argument("[arguments...]", "gdb's own arguments, after --")
    .option("--vmlinux <file>", "the kernel with its symbols (default: that of the run's -k)")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (name: string, more: readonly string[], options: GdbOptions) => {
      const { vmlinux } = options;
      const request: GdbRequest = {
        operation: "gdb",
        vm: name,
        arguments: more,
        ...(vmlinux === undefined ? {} : { vmlinux }),
      };
      const plan: Plan = [{ kind: "exec", argv: await gdbCommand(request, ownHost(context)) }];
      const exitCode = await runPlan(plan, options, context);
      if (exitCode !== undefined) context.setExitCode(exitCode);
    });
}
