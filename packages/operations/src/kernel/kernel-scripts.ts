import { plainText, toScript } from "@vm/command-plan";
import { checkModulesIndex, isRevision, type KernelBuild, type ModulesReport } from "@vm/kernel-build";
import type { Host } from "../host.js";
import type { KernelRequest, ModulesRequest } from "../request/request.js";
import { scriptOrRepeat } from "../script.js";
import { findKernel, planRevision, reportModules } from "./find-kernel.js";

/** The script that prints a text. A release or a path in it may hold what would change the terminal: that is taken out. */
export function printingScript(text: string): string {
  return toScript([{ kind: "run", argv: ["cat"], input: plainText(text) }]);
}

/** How what was found is printed, and the options that say so. */
export interface Printing<Found> {
  readonly flags: readonly string[];
  readonly render: (found: Found) => string;
}

/** The script that prints what a kernel is, or that makes first what is to be described. */
export function kernelScript(
  request: KernelRequest,
  { flags, render }: Printing<KernelBuild>,
  host: Host,
): Promise<string> {
  return scriptOrRepeat(async () => {
    if (isRevision(request.kernel)) {
      const { state, plan, tree } = await planRevision(request, host);
      if (state === "to-build") {
        return toScript([...plan, { kind: "exec", argv: [...host.program, "kernel", ...flags, tree] }]);
      }
    }
    return printingScript(render(await findKernel(request, "script", host)));
  }, host);
}

/**
 * The script that prints what modules a kernel has.
 * @param printing `quiet`: what is wrong is said on standard error, and with the exit code: the command itself does both
 */
export function modulesScript(
  request: ModulesRequest,
  { flags, render, quiet }: Printing<ModulesReport> & { readonly quiet: boolean },
  host: Host,
): Promise<string> {
  return scriptOrRepeat(async () => {
    const build = await findKernel(request, "script", host);
    if (quiet || checkModulesIndex(build, { cacheDir: host.cacheDir }).state === "stale") {
      const argv = [...host.program, "modules", ...flags, build.tree ?? build.image] as const;
      return toScript([{ kind: "exec", argv }]);
    }
    return printingScript(render(await reportModules(build, host)));
  }, host);
}

/** The script of a download, which is the command itself: what is to be fetched is known only when the mirror was asked. */
export function fetchScript({ repeat }: Pick<Host, "repeat">): string {
  const text = "Which packages these are the mirror says when it is asked: the command does both.";
  return toScript([{ kind: "comment", text }, ...repeat()]);
}
