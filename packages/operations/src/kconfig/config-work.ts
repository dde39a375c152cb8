import { resolve } from "node:path";
import { codedError, type StandardStream } from "@vm/command-plan";
import {
  checkKernel,
  executeMerge,
  planMerge,
  sourceOf,
  type KernelCheck,
  type Merge,
  type MergeReport,
} from "@vm/kconfig";
import type { Host } from "../host.js";
import { locateCheckedKernel } from "../kernel/checked-kernel.js";
import type { CheckConfigRequest, MergeConfigRequest } from "../request/request.js";

/** What merging fragments would do. */
export function planConfigMerge(request: MergeConfigRequest, { cwd, env, fragments: configs }: Host): Merge {
  const { operation: _, ...wanted } = request;
  return planMerge({ ...wanted, cwd, configs, env });
}

/** Merges fragments. @param output where what make prints goes */
export async function mergeConfig(
  request: MergeConfigRequest,
  host: Host,
  output: StandardStream,
): Promise<MergeReport> {
  const merge = planConfigMerge(request, host);
  const report = await executeMerge(merge, { cwd: host.cwd, stdio: ["ignore", output, output] });
  if (report.failure !== undefined) throw report.failure.error;
  return report;
}

/** Says what a kernel's configuration lacks. @throws `NOT_A_KERNEL_SOURCE`, and what `checkKernel` of kconfig throws */
export async function checkConfig(request: CheckConfigRequest, host: Host): Promise<KernelCheck> {
  const { kernel, build, fragments = [], features, otherForm } = request;
  const { cwd } = host;
  const given = request.source === undefined ? undefined : resolve(cwd, request.source);
  if (given !== undefined) checkSource(given);
  const named = build === undefined ? { name: kernel } : { name: kernel, build };
  const found = await locateCheckedKernel(named, host);
  const source = given ?? found.source;
  return checkKernel({
    config: found.config,
    fragments,
    cwd,
    configs: host.fragments,
    ...(otherForm === undefined ? {} : { otherForm }),
    ...(features === undefined ? {} : { needed: features }),
    ...(source === undefined ? {} : { source }),
  });
}

/** @param directory absolute */
export function checkSource(directory: string): void {
  if (sourceOf(directory) !== null) return;
  throw codedError(
    "NOT_A_KERNEL_SOURCE",
    `-C: ${directory} is not a kernel source, and was not made from one with O=`,
    { hint: "Name the source of this kernel, or leave -C out: then no reasons are told." },
  );
}
