import { unpackDebugPackage, type KernelBuild } from "@vm/kernel-build";
import type { DecoderSettings } from "@vm/trace-decoder";
import type { Host } from "../host.js";
import { kernelLookup } from "../kernel/kernel-lookup.js";
import { warning } from "../notice.js";

/** Where the debug package beside a kernel's package is unpacked. One that cannot be takes the lines with it, not the report. */
export async function debugPackage(
  build: KernelBuild,
  host: Host,
): Promise<Pick<DecoderSettings, "debugRoot">> {
  try {
    const debugRoot = await unpackDebugPackage(build, kernelLookup(host, "run"));
    return debugRoot === null ? {} : { debugRoot };
  } catch (error) {
    host.signal?.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    host.notice(warning("NO_DEBUG_PACKAGE", message));
    return {};
  }
}
