import { qemuArgvError } from "./qemu-argv-error.js";

/** COMMAND_LINE_SIZE by the kernel's name of the architecture, from arch/ of Linux 6.1. */
const commandLineSize: Readonly<Record<string, number>> = {
  alpha: 256,
  arc: 256,
  arm: 1024,
  arm64: 2048,
  ia64: 2048,
  // 4096 since Linux 6.13.
  loongarch: 512,
  m68k: 256,
  microblaze: 256,
  mips: 4096,
  parisc: 1024,
  powerpc: 2048,
  riscv: 1024,
  // A kernel may be configured for more (CONFIG_COMMAND_LINE_SIZE), but 896 is what every one holds.
  s390: 896,
  // The 32-bit kernel: 256.
  sparc: 256,
  sparc64: 2048,
  um: 4096,
  x86: 2048,
  xtensa: 256,
};

/** Names of QEMU, uname and the kernel's ARCH= for the directories of arch/. */
const kernelArch: Readonly<Record<string, string>> = {
  aarch64: "arm64",
  hppa: "parisc",
  i386: "x86",
  i686: "x86",
  loongarch64: "loongarch",
  mips64: "mips",
  mips64el: "mips",
  mipsel: "mips",
  ppc: "powerpc",
  ppc64: "powerpc",
  ppc64le: "powerpc",
  riscv32: "riscv",
  riscv64: "riscv",
  s390x: "s390",
  x86_64: "x86",
};

/**
 * How many bytes a kernel command line may have on an architecture, without the NUL that ends it: 2047 on x86.
 * Names of the kernel (`x86`, `arm64`) and of QEMU (`x86_64`, `aarch64`) are understood; for another architecture it is
 * what the kernel gives to all that set nothing, 511. Source: COMMAND_LINE_SIZE in the kernel's asm/setup.h.
 */
export function kernelCmdlineLimit(arch: string): number {
  const name = Object.hasOwn(kernelArch, arch) ? kernelArch[arch] : arch;
  const size = name !== undefined && Object.hasOwn(commandLineSize, name) ? commandLineSize[name] : undefined;
  return (size ?? 512) - 1;
}

/**
 * Throws `KERNEL_CMDLINE_TOO_LONG` when the kernel would cut the text off. `limitBytes` replaces the architecture's limit
 * where a kernel is configured for another.
 */
export function checkKernelCmdlineLength(
  text: string,
  { arch, limitBytes = kernelCmdlineLimit(arch) }: { readonly arch: string; readonly limitBytes?: number },
): void {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes <= limitBytes) return;
  throw qemuArgvError(
    "KERNEL_CMDLINE_TOO_LONG",
    `The kernel command line has ${bytes} bytes, and a kernel for ${arch} holds ${limitBytes}: it would drop the end.`,
    `Shorten it: leave out parameters, or hand longer data to the guest in a file or through a port.`,
  );
}
