import { findGuest } from "@vm/architectures";
import { codedError } from "@vm/command-plan";

/** Debian's name of an architecture, by any of its names. Throws KERNEL_ARCH_UNKNOWN. */
export function debianArch(name: string): string {
  const found = findGuest(name)?.debian;
  if (found !== undefined) return found;
  throw codedError("KERNEL_ARCH_UNKNOWN", `Debian has no kernels for '${name}' that are known here`, {
    hint: "amd64, arm64, armhf, i386, ppc64el, riscv64 and s390x are.",
  });
}

/** The end of a kernel's name: `amd64`, `cloud-amd64`, `armmp`. */
export function flavourOf(arch: string, flavour: string | undefined): string {
  const usual = findGuest(arch)?.debianKernel ?? arch;
  if (flavour === undefined || flavour === "") return usual;
  return flavour.endsWith(usual) ? flavour : `${flavour}-${usual}`;
}

/** Whether `linux-image-NAME` is a kernel of this flavour, with a release in its name. */
export function isKernelOfFlavour(name: string, flavour: string): boolean {
  const release = /^linux-image-(\d.*)$/.exec(name)?.[1];
  if (release?.endsWith(`-${flavour}`) !== true) return false;
  return /^\d[\w.+~]*(?:-(?:\d+|rc\d+)(?:\+\w+)?)*$/.test(release.slice(0, -flavour.length - 1));
}
