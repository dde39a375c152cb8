import { codedError } from "@vm/command-plan";
import type { CommandContext } from "../command-module.js";
import type { DryRun } from "../dry-run.js";
import { writeNotice } from "../output.js";
import type { GitKernelOptions } from "./git-options.js";

interface KernelOptions extends DryRun, GitKernelOptions {
  readonly kernel?: string;
}

/**
 * The same options with a build tree in the place of `git:REVISION`, which is built first: what git and make print goes to standard
 * error. A dry run throws KERNEL_NOT_PREPARED where something is to be built.
 */
export async function withBuiltKernel<Options extends KernelOptions>(
  options: Options,
  context: CommandContext,
): Promise<Options> {
  const { kernel, dryRun } = options;
  if (kernel?.startsWith("git:") !== true) return options;
  const { planGitKernel, buildGitRevision } = await import("../late/git-kernel.js");
  const build = planGitKernel(kernel, options, context);
  if (build.state === "to-build") {
    if (dryRun === true) {
      throw codedError("KERNEL_NOT_PREPARED", `${kernel} has to be built first`, {
        hint: `\`vm kernel ${kernel}\` builds it.`,
      });
    }
    writeNotice(`building ${kernel} (${build.commit.slice(0, 12)}) in ${build.tree}`);
  }
  await buildGitRevision(build, { cwd: context.cwd });
  return { ...options, kernel: build.tree };
}
