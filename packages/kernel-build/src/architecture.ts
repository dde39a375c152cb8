import type { KernelOptions } from "./kernel-options.js";

/** An architecture as QEMU names it (`qemu-system-ARCH`), but for `ppc64le`, which QEMU runs as `ppc64`. */
export type Architecture =
  | "aarch64"
  | "arm"
  | "hppa"
  | "i386"
  | "loongarch64"
  | "m68k"
  | "mips"
  | "mips64"
  | "mips64el"
  | "mipsel"
  | "ppc"
  | "ppc64"
  | "ppc64le"
  | "riscv32"
  | "riscv64"
  | "s390x"
  | "sparc"
  | "sparc64"
  | "x86_64";

/** What is known of an architecture before a single file of the build was looked at. */
export interface ArchitectureFacts {
  readonly arch: Architecture;
  /** The value of `make ARCH=`. */
  readonly makeArch: string;
  /**
   * Where the image is, relative to the tree; the first that exists is booted. Uncompressed comes first where QEMU
   * takes it (arch/arm64/boot/Image), as not every QEMU unpacks the others. Source: KBUILD_IMAGE in the Makefile of each architecture.
   */
  readonly images: readonly string[];
}

/** The options that tell the architectures apart. */
export const architectureOptions: readonly string[] = [
  "CONFIG_64BIT",
  "CONFIG_ARM",
  "CONFIG_ARM64",
  "CONFIG_CPU_LITTLE_ENDIAN",
  "CONFIG_LOONGARCH",
  "CONFIG_M68K",
  "CONFIG_MIPS",
  "CONFIG_PARISC",
  "CONFIG_PPC",
  "CONFIG_PPC64",
  "CONFIG_RISCV",
  "CONFIG_S390",
  "CONFIG_SPARC",
  "CONFIG_UML",
  "CONFIG_X86_32",
  "CONFIG_X86_64",
];

/** The architecture of a configuration, or null for one that QEMU or this package does not know. */
export function architectureOf(options: KernelOptions): ArchitectureFacts | null {
  const has = (option: string): boolean => options[option] === "y";
  const bits64 = has("CONFIG_64BIT");
  const little = has("CONFIG_CPU_LITTLE_ENDIAN");
  // User-mode Linux also sets CONFIG_X86_64 in old kernels: it has no image for a virtual machine.
  if (has("CONFIG_UML")) return null;
  if (has("CONFIG_X86_64")) return facts("x86_64", "x86_64", "arch/x86/boot/bzImage");
  if (has("CONFIG_X86_32")) return facts("i386", "i386", "arch/x86/boot/bzImage");
  if (has("CONFIG_ARM64"))
    return facts("aarch64", "arm64", ...boot("arm64", ["Image", "Image.gz", "vmlinuz.efi"]));
  if (has("CONFIG_ARM")) return facts("arm", "arm", ...boot("arm", ["zImage", "Image"]));
  if (has("CONFIG_RISCV")) {
    return facts(
      bits64 ? "riscv64" : "riscv32",
      "riscv",
      ...boot("riscv", ["Image", "Image.gz", "vmlinuz.efi"]),
    );
  }
  if (has("CONFIG_S390")) return facts("s390x", "s390", ...boot("s390", ["bzImage"]));
  if (has("CONFIG_PPC")) {
    const arch = has("CONFIG_PPC64") ? (little ? "ppc64le" : "ppc64") : "ppc";
    return facts(arch, "powerpc", "vmlinux", ...boot("powerpc", ["zImage"]));
  }
  if (has("CONFIG_LOONGARCH")) {
    return facts("loongarch64", "loongarch", ...boot("loongarch", ["vmlinuz.efi", "vmlinux.efi"]), "vmlinux");
  }
  if (has("CONFIG_MIPS")) return facts(`mips${bits64 ? "64" : ""}${little ? "el" : ""}`, "mips", "vmlinux");
  if (has("CONFIG_SPARC")) return facts(bits64 ? "sparc64" : "sparc", "sparc", "vmlinux");
  if (has("CONFIG_M68K")) return facts("m68k", "m68k", "vmlinux");
  if (has("CONFIG_PARISC")) return facts("hppa", "parisc", "vmlinux");
  return null;
}

function facts(arch: Architecture, makeArch: string, ...images: string[]): ArchitectureFacts {
  return { arch, makeArch, images };
}

function boot(directory: string, names: readonly string[]): string[] {
  return names.map((name) => `arch/${directory}/boot/${name}`);
}
