import type { StandardStream } from "@vm/command-plan";
import type { KernelCheck, Merge, MergeReport } from "@vm/kconfig";
import type { Host } from "../host.js";
import type { CheckConfigRequest, MergeConfigRequest } from "../request/request.js";

function load(): Promise<typeof import("./config-work.js")> {
  return import("./config-work.js");
}

/** What merging fragments would do. */
export async function planConfigMerge(request: MergeConfigRequest, host: Host): Promise<Merge> {
  return (await load()).planConfigMerge(request, host);
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

/** Checks that a directory is a kernel's source, or was made from one. @param directory absolute @throws `NOT_A_KERNEL_SOURCE` */
export async function checkSource(directory: string): Promise<void> {
  (await load()).checkSource(directory);
}
