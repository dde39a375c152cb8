import { isatty } from "node:tty";
import type { RunOptions } from "@vm/command-requests";
import { loadVmConfig, runVm, vmScript, type Host, type RunVmRequest } from "@vm/operations";
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
  if (options.dryRun === true) {
    writeOutput(await vmScript(request, host));
    return;
  }
  const { exitCode } = await runVm(request, host, { attended: isatty(0) });
  context.setExitCode(exitCode);
}
