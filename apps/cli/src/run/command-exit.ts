import type { CommandOptions } from "@vm/command-requests";
import type { CommandContext } from "../command-module.js";
import { reportFailure } from "../failure.js";
import type { ExitReader } from "@vm/operations/failure";

/** Runs `action`; what it throws is printed, and becomes the exit code that docs/exit-codes.md has for a command's run. */
export async function withCommandExit(
  { bisect }: Pick<CommandOptions, "bisect">,
  context: CommandContext,
  action: () => Promise<void>,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    const reader: ExitReader = bisect === true ? "bisection" : "command";
    context.setExitCode(
      reportFailure(error, { env: context.env, reader, kernels: context.namedKernels?.() ?? [] }),
    );
  }
}
