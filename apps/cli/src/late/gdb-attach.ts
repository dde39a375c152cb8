import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { codedError, execute, findProgram, quoteShell, toScript, type Plan } from "@vm/command-plan";
import { gdbArgv } from "@vm/guest-run";
import type { CommandContext } from "../command-module.js";
import { gdbProgram } from "../debug/gdb-program.js";
import { findRunningVm, type RunningVm } from "../debug/running-vm.js";
import type { DryRun } from "../dry-run.js";
import { writeOutput } from "../output.js";

interface GdbRequest {
  readonly context: CommandContext;
  readonly options: DryRun;
  /** gdb's own arguments. */
  readonly more: readonly string[];
  /** The kernel with its symbols, in the place of the run's; absolute. */
  readonly vmlinux?: string;
}

/**
 * Starts gdb on the guest of a VM that runs.
 * @throws `VM_NOT_RUNNING`, `GDB_STUB_MISSING`, `VMLINUX_NOT_FOUND`, `GDB_NOT_FOUND`
 */
export async function attachGdb(name: string, request: GdbRequest): Promise<void> {
  const { context, options, more } = request;
  const vm = await findRunningVm(name, context);
  const plan: Plan = [{ kind: "exec", argv: [...gdbOf(vm, name, request), ...more] }];
  if (options.dryRun === true) {
    writeOutput(toScript(plan));
    return;
  }
  const { exitCode, failure } = await execute(plan, { cwd: context.cwd, onExec: runInTerminal });
  if (failure !== undefined) throw failure.error;
  context.setExitCode(exitCode);
}

function gdbOf(
  { debug, command }: RunningVm,
  name: string,
  { context, vmlinux: given }: GdbRequest,
): [string, ...string[]] {
  const { gdb: endpoint, arch = "x86_64" } = debug;
  if (endpoint === undefined) {
    throw codedError("GDB_STUB_MISSING", `${name} runs without a stub for gdb (${command.join(" ")})`, {
      hint: `Start it with --gdb; or open one from its monitor, Ctrl-A C: gdbserver tcp:127.0.0.1:1234`,
    });
  }
  const vmlinux = given ?? debug.vmlinux;
  if (vmlinux === undefined || !existsSync(vmlinux)) {
    throw codedError(
      "VMLINUX_NOT_FOUND",
      vmlinux === undefined
        ? `the symbols of the kernel of ${name} were not found`
        : `there is no ${vmlinux}`,
      { hint: `Name the kernel's vmlinux: vm gdb ${quoteShell(name)} --vmlinux FILE` },
    );
  }
  const program = gdbProgram(arch);
  const path = findProgram(program, context.env);
  if (path === undefined) {
    throw codedError("GDB_NOT_FOUND", `${program} was not found in PATH.`, {
      hint: `Install it: apt install ${program} (Debian, Ubuntu), pacman -S gdb (Arch Linux).`,
    });
  }
  const scripts = given === undefined ? debug.scripts : beside(given);
  return gdbArgv({ endpoint, vmlinux, program: path, ...(scripts === undefined ? {} : { scripts }) });
}

function beside(vmlinux: string): string | undefined {
  const scripts = `${vmlinux}-gdb.py`;
  return existsSync(scripts) ? scripts : undefined;
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
