import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readFragments } from "@vm/kconfig";
import { buildGitRevision, configureGitRevision, gitBuildPlan, type GitBuild } from "@vm/kernel-build";
import { architectureNamed, hostArchitecture } from "@vm/qemu-argv";
import { checkArch } from "../run/known-arch.js";
import { cacheHome } from "../cache-home.js";
import type { CommandContext } from "../command-module.js";
import type { GitKernelOptions } from "../run/git-options.js";
import { usageError } from "../usage-error.js";

export { buildGitRevision, configureGitRevision };

/** The build copies configs/ beside the bundles. */
const configs = fileURLToPath(new URL("../configs", import.meta.url));

/** The build of `git:REVISION`, with the fragments that are asked for: by default what a guest needs, and little else. */
export function planGitKernel(kernel: string, options: GitKernelOptions, context: CommandContext): GitBuild {
  const { env, cwd } = context;
  const { fragments = "qemu,small", base, jobs, arch } = options;
  if (arch !== undefined) checkArch(arch);
  const names = fragments.split(",").filter((name) => name !== "");
  const wanted = readFragments(names, { cwd, configs, arch: fragmentArch(arch ?? env["ARCH"]) });
  const settings = wanted.map(({ option, value }) =>
    value === "n" ? `# ${option} is not set\n` : `${option}=${value}\n`,
  );
  return gitBuildPlan({
    revision: kernel.slice("git:".length),
    cwd,
    cacheDir: cacheHome(context),
    settings: settings.join(""),
    env,
    jobs: jobs === undefined ? availableParallelism() : parseJobs(jobs),
    ...(base === undefined ? {} : { base: findBase(base, cwd) }),
    ...(arch === undefined ? {} : { arch }),
  });
}

/** A configuration here, or a target of make; as `vm kconfig merge --base` has it. */
function findBase(base: string, cwd: string): string {
  const path = resolve(cwd, base);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path;
  if (/^\w*config$/.test(base)) return base;
  throw usageError(
    `--base: there is no ${path} to start from`,
    "Name a configuration, or a target of the kernel's make such as defconfig or tinyconfig.",
  );
}

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (Number.isInteger(jobs) && jobs >= 1) return jobs;
  throw usageError(`-j: expected a number of compilers, got '${text}'`);
}

/** In the names of fragments: `small.arm64.fragment`. */
function fragmentArch(arch: string | undefined): string {
  const name = arch === undefined || arch === "" ? hostArchitecture(process.arch) : arch;
  return architectureNamed(name)?.makeArch ?? name;
}
