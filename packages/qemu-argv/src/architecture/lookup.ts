import type { ArchitectureFacts } from "./facts.js";
import { architectures } from "./table.js";

/**
 * What is known of an architecture, by any of its names: QEMU's (`aarch64`), Debian's (`amd64`), the kernel's `ARCH=`
 * (`arm64`), that of `uname -m` (`i686`) or Node's (`x64`). Undefined for one without a machine of its own here, of which QEMU
 * may still have a program.
 */
export function architectureNamed(name: string): ArchitectureFacts | undefined {
  return architectures.find((facts) => facts.name === name || facts.aliases.includes(name));
}

/** The architecture of `process.arch`, by this project's name. Node's `ppc64` is the little-endian one on Linux. */
export function hostArchitecture(nodeArch: string): string {
  if (nodeArch === "ppc64") return "ppc64le";
  if (nodeArch === "loong64") return "loongarch64";
  return architectureNamed(nodeArch)?.name ?? nodeArch;
}

/** Whether KVM of this host runs a guest of that architecture. One that is not in the table: on its own kind. */
export function hasKvmFor(guest: string, host: string): boolean {
  return (architectureNamed(guest)?.kvmHosts ?? [guest]).includes(host);
}

/** Whether QEMU for `machine` starts a kernel of `kernel`: a 32-bit one runs on a 64-bit PC. */
export function startsKernel(machine: string, kernel: string): boolean {
  const [qemu, wanted] = [machine, kernel].map((name) => architectureNamed(name)?.qemu ?? name);
  return qemu === wanted || (qemu === "x86_64" && wanted === "i386");
}
