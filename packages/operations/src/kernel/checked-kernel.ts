import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { configureGitRevision, namesPackages, outputOf, resolveKernel } from "@vm/kernel-build";
import type { Host } from "../host.js";
import { remark } from "../notice.js";
import { isRevision, type NamedKernel } from "./built-kernel.js";
import { kernelLookup } from "./kernel-lookup.js";

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
export async function locateCheckedKernel({ name, build }: NamedKernel, host: Host): Promise<CheckedKernel> {
  const { cwd, env } = host;
  if (isRevision(name)) {
    const { planGitKernel } = await import("./git-kernel.js");
    const planned = planGitKernel(name, build ?? {}, host);
    if (planned.state === "built") return { kernel: planned.tree };
    host.notice(remark(`configuring ${name} (${planned.commit.slice(0, 12)}) in ${planned.tree}`));
    await configureGitRevision(planned, { cwd });
    return { kernel: join(planned.tree, ".config"), source: planned.source };
  }
  const path = resolve(cwd, name);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (namesPackages(name, cwd)) {
    const found = resolveKernel(name, kernelLookup(host, "run"));
    if (found.configFile === undefined) return { kernel: found.image };
    // The directory says the release as well.
    return { kernel: found.kind === "unpacked" ? found.root : found.configFile };
  }
  if (stats?.isDirectory() === true) {
    const { KBUILD_OUTPUT: kbuildOutput = "" } = env;
    return { kernel: outputOf(path, { kbuildOutput }) ?? name };
  }
  const { builds } = host.userConfig();
  const named = builds === undefined || name.includes("/") ? undefined : resolve(cwd, builds, name);
  const isNamed = stats === undefined && named !== undefined && statSync(named, { throwIfNoEntry: false });
  return { kernel: isNamed ? named : name };
}
