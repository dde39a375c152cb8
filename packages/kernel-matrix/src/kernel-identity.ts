import { createHash } from "node:crypto";
import { readQemuVersion } from "@vm/guest-run";
import { readableText } from "@vm/host-files";
import { imageSha256, sourceCommit, type Host } from "@vm/operations";
import type { PreparedKernel } from "./prepare-kernel.js";
import type { KernelIdentity } from "./result.js";

/** What tells a kernel, and the QEMU that ran it, from others of the same name; null for one that could not be made ready. */
export async function kernelIdentity(
  kernel: PreparedKernel,
  { env }: Pick<Host, "env">,
): Promise<KernelIdentity | null> {
  if (kernel.kind === "unusable") return null;
  const { build, qemu } = kernel;
  const config = build.configFile === undefined ? null : readableText(build.configFile);
  try {
    return {
      imageSha256: imageSha256(build.image),
      configSha256: config === null ? null : configFingerprint(config),
      qemu: readQemuVersion(qemu) ?? null,
      accelerator: kernel.accelerator.accelerator,
      commit: await sourceCommit(build, { env }),
    };
  } catch {
    // The image has gone: its guests say so.
    return null;
  }
}

/** Of the options alone: neither comments, such as the kernel's version and the time, nor their order make a difference. */
export function configFingerprint(text: string): string {
  const options = text.split("\n").filter((line) => /^(?:CONFIG_\w+=|# CONFIG_\w+ is not set$)/.test(line));
  return createHash("sha256").update(options.toSorted().join("\n")).digest("hex");
}
