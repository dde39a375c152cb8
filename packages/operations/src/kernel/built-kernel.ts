import { codedError, type ExecuteOptions } from "@vm/command-plan";
import { buildGitRevision, isRevision } from "@vm/kernel-build";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import { remark } from "../notice.js";
import type { RevisionBuild } from "../request/request.js";

/** A kernel as `-k` names it. */
export interface NamedKernel {
  readonly name: string;
  /** How git:REVISION is built. */
  readonly build?: RevisionBuild;
}

/**
 * The name of a kernel that is there: a build tree in the place of `git:REVISION`, which is built first. What git and make print goes to
 * standard error.
 *
 * @throws `KERNEL_NOT_PREPARED` for a script, where something is to be built
 */
export async function builtKernel(
  { name, build = {} }: NamedKernel,
  mode: Mode,
  host: Host,
): Promise<string> {
  if (!isRevision(name)) return name;
  const { planGitKernel } = await import("./git-kernel.js");
  const planned = planGitKernel(name, build, host);
  if (planned.state === "to-build") {
    if (mode === "script") {
      throw codedError("KERNEL_NOT_PREPARED", `${name} has to be built first`, {
        hint: `\`vm kernel ${name}\` builds it.`,
      });
    }
    host.notice(remark(`building ${name} (${planned.commit.slice(0, 12)}) in ${planned.tree}`));
  }
  await buildGitRevision(planned, { cwd: host.cwd, signal: host.signal, ...buildOutput(host) });
  return planned.tree;
}

/** Where git and make print: what they complain of is always heard. */
export function buildOutput({ isQuiet }: Pick<Host, "isQuiet">): Pick<ExecuteOptions, "stdio"> {
  return isQuiet === true ? { stdio: ["ignore", "ignore", 2] } : {};
}
