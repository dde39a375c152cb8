import { createReadStream } from "node:fs";
import type { InstallPlan } from "@vm/arch-live";
import { openRegular } from "@vm/host-files";
import type { KernelBuild } from "@vm/kernel-build";
import { watchVmConsole } from "../guest/vm-console.js";
import type { Host } from "../host.js";
import { findKernel } from "../kernel/find-kernel.js";
import type { FailureReport } from "../report/failure-report.js";
import type { InstallRequest } from "../request/request.js";

/**
 * What the kernel of an installation's guest complained of, as the file of its console has it; null where it did not, or there is no such
 * file. With `--bootstrap` its stacks have files and lines; nothing of a live system's kernel is at hand.
 */
export async function explainInstallation(
  { logs }: Pick<InstallPlan, "logs">,
  request: InstallRequest,
  host: Host,
): Promise<FailureReport | null> {
  const console = watchVmConsole();
  try {
    for await (const chunk of createReadStream("", { fd: openRegular(logs.console) })) console.push(chunk);
  } catch {
    return null;
  }
  return console.explain(await kernelOf(request, host), host);
}

/** A kernel that is no longer there takes the lines with it, not what was said. */
async function kernelOf({ from }: InstallRequest, host: Host): Promise<KernelBuild | undefined> {
  if (from?.kind !== "host") return undefined;
  try {
    return await findKernel({ operation: "kernel", kernel: from.kernel }, "run", host);
  } catch {
    return undefined;
  }
}
