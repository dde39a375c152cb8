import type { StandardStream } from "@vm/command-plan";
import type { KernelCheck, MergeReport } from "@vm/kconfig";
import type { Host } from "../host.js";
import type { CheckConfigRequest, MergeConfigRequest } from "../request/request.js";

function load(): Promise<typeof import("./config-work.js")> {
  return import("./config-work.js");
}

/** The script of a merge; it ends with a look at what came out, and with that one's exit code. */
export async function mergeScript(request: MergeConfigRequest, host: Host): Promise<string> {
  return (await import("./config-scripts.js")).mergeScript(request, host);
}

/** The script of a check. @param printing `json`: it prints a JSON document @throws `NOT_A_KERNEL_SOURCE` */
export async function checkScript(
  request: CheckConfigRequest,
  printing: { readonly json: boolean },
  host: Host,
): Promise<string> {
  return (await import("./config-scripts.js")).checkScript(request, printing, host);
}

/** Merges fragments into a kernel's configuration. @param output where what make prints goes */
export async function mergeConfig(
  request: MergeConfigRequest,
  host: Host,
  output: StandardStream,
): Promise<MergeReport> {
  return (await load()).mergeConfig(request, host, output);
}

/** Says what a kernel's configuration lacks. @throws `NOT_A_KERNEL_SOURCE`, and what `checkKernel` of kconfig throws */
export async function checkConfig(request: CheckConfigRequest, host: Host): Promise<KernelCheck> {
  return (await load()).checkConfig(request, host);
}
