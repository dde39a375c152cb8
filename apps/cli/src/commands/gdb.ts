import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { execute, toScript, type Plan } from "@vm/command-plan";
import { gdbCommand, type GdbRequest } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, type DryRun } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

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
      const { vmlinux, dryRun } = options;
      const request: GdbRequest = {
        operation: "gdb",
        vm: name,
        arguments: more,
        ...(vmlinux === undefined ? {} : { vmlinux }),
      };
      const plan: Plan = [{ kind: "exec", argv: await gdbCommand(request, ownHost(context)) }];
      if (dryRun === true) {
        writeOutput(toScript(plan));
        return;
      }
      const { exitCode, failure } = await execute(plan, { cwd: context.cwd, onExec: runInTerminal });
      if (failure !== undefined) throw failure.error;
      context.setExitCode(exitCode);
    });
}

function ignore(): void {}

/** Runs an interactive program: Ctrl-C and Ctrl-\ of the terminal are its own, and we wait for its end. */
async function runInTerminal(
  [program, ...args]: readonly [string, ...string[]],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<number> {
  const child = spawn(program, args, { cwd, env, stdio: "inherit" });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of ["SIGINT", "SIGQUIT"] as const) process.on(signal, ignore);
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, pass);
  await once(child, "exit");
  return child.exitCode ?? 128 + (child.signalCode === null ? 0 : constants.signals[child.signalCode]);
}
