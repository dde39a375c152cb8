import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { isFile } from "@vm/host-files";
import { findArchitecture } from "@vm/architectures";
import { readFragments } from "@vm/kconfig";
import { type GitBuild, gitBuildPlan, revisionOf } from "@vm/kernel-build";
import type { Host } from "../host.js";
import { requestError } from "../request/request-error.js";
import type { RevisionBuild } from "../request/request.js";
import { checkArch } from "./known-arch.js";

/** The build of `git:REVISION`, with the fragments that are asked for: by default what a guest needs, and little else. */
export function planGitKernel(kernel: string, build: RevisionBuild, host: Host): GitBuild {
  const { env, cwd, cacheDir } = host;
  const { fragments = ["qemu", "small"], base, jobs = availableParallelism(), arch } = build;
  if (arch !== undefined) checkArch(arch, "kernel.build.arch");
  const wanted = readFragments(fragments, {
    cwd,
    configs: host.fragments,
    arch: fragmentArch(arch ?? env["ARCH"], host),
  });
  const settings = wanted.map(({ option, value }) =>
    value === "n" ? `# ${option} is not set\n` : `${option}=${value}\n`,
  );
  return gitBuildPlan({
    revision: revisionOf(kernel),
    cwd,
    cacheDir,
    settings: settings.join(""),
    env,
    jobs,
    ...(base === undefined ? {} : { base: findBase(base, cwd) }),
    ...(arch === undefined ? {} : { arch }),
  });
}

/** A configuration here, or a target of make; as `vm kconfig merge --base` has it. */
function findBase(base: string, cwd: string): string {
  const path = resolve(cwd, base);
  if (isFile(path)) return path;
  if (/^\w*config$/.test(base)) return base;
  throw requestError(
    "kernel.build.base",
    `there is no ${path} to start from`,
    "Name a configuration, or a target of the kernel's make such as defconfig or tinyconfig.",
  );
}

/** In the names of fragments: `small.arm64.fragment`. */
function fragmentArch(arch: string | undefined, host: Host): string {
  const name = arch === undefined || arch === "" ? host.arch : arch;
  return findArchitecture(name)?.makeArch ?? name;
}
