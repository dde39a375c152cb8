import type { CommandContext } from "../command-module.js";
import { reportFailure } from "../failure.js";
import type { CommandOptions } from "./run-options.js";

/** What `reportFailure` has for wrong usage. */
const usage = 2;
/** The tool's own error, with `--exec`: a code that says so, since 1 may be the command's. */
const toolError = 249;
/** Ends a bisection, which must not mark a commit for an error of ours. */
const endBisection = 128;
/** git bisect run: this commit can not be tested. */
const skipCommit = 125;

/** Kernels that can not be tested, as `git bisect run` means it: errors of `resolveKernel` and `buildGitRevision`. */
const untestable: ReadonlySet<string> = new Set([
  "KERNEL_BUILD_FAILED",
  "KERNEL_NOT_BUILT",
  "KERNEL_NOT_CONFIGURED",
  "NOT_A_KERNEL_BUILD",
  "PACKAGE_PARTS_MISSING",
]);

/** Runs `action`; what it throws is printed, and becomes the exit code that docs/exit-codes.md has for a command's run. */
export async function withCommandExit(
  { bisect }: CommandOptions,
  context: CommandContext,
  action: () => Promise<void>,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const status = reportFailure(error, context.env);
    if (status === usage) context.setExitCode(bisect === true ? endBisection : status);
    else if (bisect !== true) context.setExitCode(status > 128 ? status : toolError);
    else context.setExitCode(untestable.has(code) ? skipCommit : endBisection);
  }
}
