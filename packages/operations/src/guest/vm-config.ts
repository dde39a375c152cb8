import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { codedError, errorCode, quoteShell } from "@vm/command-plan";
import { isRevision, resolveKernel } from "@vm/kernel-build";
import { startsKernel } from "@vm/qemu-argv";
import { loadConfig, resolveVmHome, type VmConfig } from "@vm/vm-store";
import type { Host } from "../host.js";
import { kernelLookup } from "../kernel/kernel-lookup.js";
import type { ShowConfigRequest } from "../request/request.js";

/** Where the host's virtual machines are. */
export function vmHome(host: Host): string {
  return resolveVmHome({ env: host.env, userConfig: host.userConfig() });
}

/** As `loadConfig`; where a kernel's name stands in the place of a VM's, the error's hint says so. */
export async function loadVmConfig(
  name: string,
  { hasKernel }: { readonly hasKernel: boolean },
  host: Host,
): Promise<VmConfig> {
  try {
    return await loadConfig({ home: vmHome(host), name });
  } catch (error) {
    throw hasKernel ? error : await withForgottenKernel(error, name, host);
  }
}

/** A VM's configuration, as a run takes it. @throws what `loadConfig` throws */
export function showConfig({ vm }: ShowConfigRequest, host: Host): Promise<VmConfig> {
  return loadConfig({ home: vmHome(host), name: vm });
}

/**
 * The architecture of a VM: what its configuration says, else that of the kernel, else this machine's.
 *
 * @throws `ARCH_MISMATCH` when the kernel is for another one than the configuration says
 */
export function guestArch({ name, arch }: VmConfig, kernelArch: string | undefined, host: Host): string {
  if (arch === undefined) return kernelArch ?? host.arch;
  if (kernelArch === undefined || startsKernel(arch, kernelArch)) return arch;
  throw codedError("ARCH_MISMATCH", `${name} is a machine for ${arch}, and the kernel is for ${kernelArch}`, {
    hint: `\`vm create --arch ${kernelArch} NAME\` makes one for it; or change arch and the options in ${name}/vm.mjs.`,
  });
}

async function withForgottenKernel(error: unknown, name: string, host: Host): Promise<unknown> {
  if (!(error instanceof Error && "code" in error)) return error;
  if (error.code !== "VM_NAME_INVALID" && error.code !== "VM_NOT_FOUND") return error;
  if (!(await isKernel(name, host))) return error;
  const hint = `Did you mean \`vm run -k ${quoteShell(name)}\`? A kernel stands behind -k.`;
  return Object.assign(error, { hint });
}

const noKernel: ReadonlySet<unknown> = new Set([
  "KERNEL_NOT_FOUND",
  "KERNEL_IS_A_FILE",
  "KERNEL_UNREADABLE",
  "NOT_A_KERNEL_BUILD",
]);

async function isKernel(name: string, host: Host): Promise<boolean> {
  if (isRevision(name)) return true;
  try {
    await resolveKernel(name, kernelLookup(host, "script"));
    return true;
  } catch (error) {
    // Something that would be one: a tree that is not built, a package that is not unpacked.
    const code = errorCode(error);
    return !noKernel.has(code) && existsSync(resolve(host.cwd, name));
  }
}
