/** An architecture of Linux that QEMU runs, by QEMU's name of it (`qemu-system-NAME`), but for `ppc64le`, which QEMU runs as `ppc64`. */
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

/**
 * What is to be known of an architecture to find, build and check its kernels. No column may be left out; `null` says that there is none, or that
 * none is known here.
 */
export interface ArchitectureFacts {
  readonly name: Architecture;
  /** What else it is called where qemu-argv's table, which has the names of those with a machine, does not have it. */
  readonly aliases: readonly string[];
  /** The value of `make ARCH=`. */
  readonly makeArch: string;
  /** The directory below arch/ of the kernel's source. */
  readonly directory: string;
  /**
   * Where the image is, relative to the build tree; the first that exists is booted. Uncompressed comes first where QEMU
   * takes it (arch/arm64/boot/Image), as not every QEMU unpacks the others. Source: KBUILD_IMAGE in the Makefile of each architecture.
   */
  readonly images: readonly string[];
  /** The options by which a `.config` is told to be for it: `y`, or not set (`n`). */
  readonly config: Readonly<Record<string, "y" | "n">>;
  /** What its programs and its vmlinux say of themselves. Source: elf(5), EM_* of the kernel's include/uapi/linux/elf-em.h. */
  readonly elf: ElfMachine;
  /** The machine in the PE header of its EFI zboot images. Source: the PE format; the kernel's include/linux/pe.h. */
  readonly pe: number | null;
  /** What its vmlinux is: the kernel itself, with its banner, or whatever the architecture's boot wrapper makes of it. */
  readonly vmlinux: "kernel" | "any";
  /** Architectures of one toolchain: a compiler or debugger for one of them is one for all. */
  readonly toolchain: string;
  /** The driver of the machine's serial console. */
  readonly consoleOption: string | null;
  /** Whether the PCI bus of its machine wants the driver of the generic host bridge. Source: QEMU's docs/system/arm/virt.rst, riscv/virt.rst. */
  readonly pciHostBridge: "generic" | "own";
  /** What is known of its guests; null for one that has no machine in qemu-argv's table: it runs in a VM whose configuration has one. */
  readonly guest: GuestFacts | null;
}

/** What an ELF header says. */
export interface ElfMachine {
  readonly machine: number;
  readonly bits: 32 | 64;
  readonly order: "big" | "little";
}

/** What is to be known to build a kernel for a guest of this project, and to start it. */
export interface GuestFacts {
  /** Values of `CROSS_COMPILE=`, the usual one first; Debian's compiler for it is `gcc-` and this without its last dash. */
  readonly crossCompile: readonly string[];
  /** Debian's name. */
  readonly debian: string;
  /** The end of the name of Debian's usual kernel: `linux-image-amd64`. */
  readonly debianKernel: string;
  /** Architectures whose programs its kernels can run as well: 32-bit ones, where so configured. */
  readonly alsoRuns: readonly Architecture[];
  /** Kernel parameters that a guest wants under emulation. */
  readonly kernelParameters: readonly string[];
  /**
   * The consoles of the kernel's hvc layer: `virtio`, those of virtio-console alone; `others-first`, behind that of the firmware or the
   * hypervisor. Source: the kernel's drivers/tty/hvc (CONFIG_HVC_RISCV_SBI, HVC_CONSOLE, HVC_IUCV).
   */
  readonly hvc: "virtio" | "others-first";
  /** Whether its kernels have a driver for pvpanic on PCI, and its machine that bus. Source: QEMU's docs/specs/pvpanic.rst. */
  readonly pvpanic: "pci" | "none";
}
