import { isatty } from "node:tty";
import type { RunOptions } from "@vm/command-requests";
import { loadVmConfig, openConsole, runVm, vmScript, type Host, type RunVmRequest } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { writeOutput } from "../output.js";

export { loadVmConfig };

/** `vm run NAME`: the VM itself, in this terminal. */
export async function runVirtualMachine(
  request: RunVmRequest,
  options: RunOptions,
  host: Host,
  context: CommandContext,
): Promise<void> {
  const { console: file, full } = options;
  if (options.dryRun === true) {
    const supervision = file === undefined && full === undefined ? "none" : "wanted";
    writeOutput(await vmScript(request, host, { supervision }));
    return;
  }
  const console = file === undefined ? undefined : openConsole(file, context.cwd, () => process.stderr);
  const { exitCode, failure } = await runVm(request, host, {
    attended: isatty(0),
    ...(console === undefined ? {} : { console: console.stream }),
  });
  await console?.close();
  if (failure !== null) {
    const { writeFailure } = await import("./failure-report.js");
    writeFailure(failure, full === true ? "whole" : "folded", host);
  }
  context.setExitCode(exitCode);
}
