import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { namesPackages, outputOf, resolveKernel } from "@vm/kernel-build";
import { readUserConfig } from "@vm/vm-store";
import type { CommandContext } from "./command-module.js";
import { writeNotice } from "./output.js";
import type { GitKernelOptions } from "./run/git-options.js";
import { kernelLookup } from "./run/kernel-lookup.js";

/** Where a kernel's configuration is, in words that `findConfig` knows. */
export interface CheckedKernel {
  readonly kernel: string;
  /** The kernel's source, where that is not beside it. */
  readonly source?: string;
}

/**
 * Makes of what only `-k` knows something with a configuration: a package is unpacked into the cache, a revision is configured there
 * (and not compiled), a name may be one in `builds`.
 */
export async function locateCheckedKernel(
  kernel: string,
  options: GitKernelOptions,
  context: CommandContext,
): Promise<CheckedKernel> {
  const { cwd, env } = context;
  if (kernel.startsWith("git:")) {
    const { planGitKernel, configureGitRevision } = await import("./late/git-kernel.js");
    const build = planGitKernel(kernel, options, context);
    if (build.state === "built") return { kernel: build.tree };
    writeNotice(`configuring ${kernel} (${build.commit.slice(0, 12)}) in ${build.tree}`);
    await configureGitRevision(build, { cwd });
    return { kernel: join(build.tree, ".config"), source: build.source };
  }
  const path = resolve(cwd, kernel);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (namesPackages(kernel, cwd)) {
    const build = resolveKernel(kernel, kernelLookup(context, readUserConfig({ env })));
    if (build.configFile === undefined) return { kernel: build.image };
    // The directory says the release as well.
    return { kernel: build.kind === "unpacked" ? build.root : build.configFile };
  }
  if (stats?.isDirectory() === true) {
    const { KBUILD_OUTPUT: kbuildOutput = "" } = env;
    return { kernel: outputOf(path, { kbuildOutput }) ?? kernel };
  }
  const { builds } = readUserConfig({ env });
  const named = builds === undefined || kernel.includes("/") ? undefined : resolve(cwd, builds, kernel);
  const isNamed = stats === undefined && named !== undefined && statSync(named, { throwIfNoEntry: false });
  return { kernel: isNamed ? named : kernel };
}
