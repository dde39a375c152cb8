import { createHash } from "node:crypto";
import { askQemuVersion } from "@vm/guest-run";
import { readableText } from "@vm/host-files";
import type { KernelBuild } from "@vm/kernel-build";
import { imageSha256, sourceCommit, type Host } from "@vm/operations";
import type { PreparedKernel } from "./prepare-kernel.js";
import type { KernelIdentity, SourceIdentity } from "./result.js";

/** What tells a kernel, and the QEMU that ran it, from others of the same name; null for one that could not be made ready. */
export async function kernelIdentity(
  kernel: PreparedKernel,
  host: Pick<Host, "env">,
): Promise<KernelIdentity | null> {
  if (kernel.kind === "unusable") return null;
  const { build, qemu, accelerator } = kernel;
  const source = await sourceIdentity(build, host);
  if (source === null) return null;
  const version = await askQemuVersion(qemu);
  return { ...source, qemu: version ?? null, accelerator: accelerator.accelerator };
}

/** What tells a kernel from others of the same name; null where its image has gone: its guests say so. */
export async function sourceIdentity(
  build: KernelBuild,
  { env }: Pick<Host, "env">,
): Promise<SourceIdentity | null> {
  const config = build.configFile === undefined ? null : readableText(build.configFile);
  try {
    return {
      imageSha256: imageSha256(build.image),
      configSha256: config === null ? null : configFingerprint(config),
      commit: await sourceCommit(build, { env }),
    };
  } catch {
    return null;
  }
}

/** Of the options alone: neither comments, such as the kernel's version and the time, nor their order make a difference. */
export function configFingerprint(text: string): string {
  const options = text.split("\n").filter((line) => /^(?:CONFIG_\w+=|# CONFIG_\w+ is not set$)/.test(line));
  return createHash("sha256").update(options.toSorted().join("\n")).digest("hex");
}
