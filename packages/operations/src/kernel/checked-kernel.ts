import { join } from "node:path";
import {
  configureGitRevision,
  findConfig,
  type FoundConfig,
  isRevision,
  resolveConfig,
} from "@vm/kernel-build";
import type { Host } from "../host.js";
import { remark } from "../notice.js";
import { buildOutput, type NamedKernel } from "./built-kernel.js";
import { kernelLookup } from "./kernel-lookup.js";

/** A kernel's configuration. */
export interface CheckedKernel {
  readonly config: FoundConfig;
  /** The kernel's source, where that is not beside it. */
  readonly source?: string;
}

/** The configuration of what `-k` names. A revision is configured in the cache, and not compiled. */
export async function locateCheckedKernel({ name, build }: NamedKernel, host: Host): Promise<CheckedKernel> {
  const { cwd } = host;
  if (isRevision(name)) {
    const { planGitKernel } = await import("./git-kernel.js");
    const planned = planGitKernel(name, build ?? {}, host);
    if (planned.state === "built") return { config: findConfig(planned.tree, { cwd }) };
    host.notice(remark(`configuring ${name} (${planned.commit.slice(0, 12)}) in ${planned.tree}`));
    await configureGitRevision(planned, { cwd, signal: host.signal, ...buildOutput(host) });
    return { config: findConfig(join(planned.tree, ".config"), { cwd }), source: planned.source };
  }
  return { config: await resolveConfig(name, kernelLookup(host, "run")) };
}
