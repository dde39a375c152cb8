import type { Architecture, ArchitectureFacts, GuestFacts } from "./facts.js";

/** What a guest of a PC has, of 32 or of 64 bits. */
const pc = {
  kernelParameters: [
    // On a busy host an emulated timer can be too late for the kernel's test of it, which panics then.
    "no_timer_check",
    // The kernel asks for a keyboard and a mouse on ports that nobody listens at: 0.6 s of an emulated start.
    "i8042.noaux",
    "i8042.nokbd",
  ],
  hvc: "virtio",
  pvpanic: "pci",
} as const satisfies Partial<GuestFacts>;

const x86 = {
  directory: "x86",
  images: ["arch/x86/boot/bzImage"],
  vmlinux: "kernel",
  toolchain: "x86",
  consoleOption: "CONFIG_SERIAL_8250_CONSOLE",
  pciHostBridge: "own",
} as const satisfies Partial<ArchitectureFacts>;

const arm = {
  consoleOption: "CONFIG_SERIAL_AMBA_PL011_CONSOLE",
  pciHostBridge: "generic",
} as const satisfies Partial<ArchitectureFacts>;

const riscv = {
  makeArch: "riscv",
  directory: "riscv",
  images: ["arch/riscv/boot/Image", "arch/riscv/boot/Image.gz", "arch/riscv/boot/vmlinuz.efi"],
  consoleOption: "CONFIG_SERIAL_8250_CONSOLE",
  pciHostBridge: "generic",
} as const satisfies Partial<ArchitectureFacts>;

const power = {
  aliases: [],
  makeArch: "powerpc",
  directory: "powerpc",
  images: ["vmlinux", "arch/powerpc/boot/zImage"],
  pe: null,
  vmlinux: "any",
  pciHostBridge: "own",
} as const satisfies Partial<ArchitectureFacts>;

const power64 = {
  ...power,
  consoleOption: "CONFIG_HVC_CONSOLE",
} as const satisfies Partial<ArchitectureFacts>;

const powerGuest = {
  alsoRuns: [],
  kernelParameters: [],
  hvc: "others-first",
  pvpanic: "none",
} as const satisfies Partial<GuestFacts>;

/** What this project only recognises: their guests run in a VM whose configuration has their machine. */
const other = {
  images: ["vmlinux"],
  aliases: [],
  pe: null,
  vmlinux: "any",
  consoleOption: null,
  pciHostBridge: "own",
  guest: null,
} as const satisfies Partial<ArchitectureFacts>;

const mips = { ...other, makeArch: "mips", directory: "mips" } as const satisfies Partial<ArchitectureFacts>;

/** The type sees to it that none is left out. */
const rows: { readonly [name in Architecture]: ArchitectureFacts & { readonly name: name } } = {
  x86_64: {
    name: "x86_64",
    ...x86,
    aliases: [],
    makeArch: "x86_64",
    config: { CONFIG_X86_64: "y" },
    elf: { machine: 62, bits: 64, order: "little" },
    pe: 0x8664,
    guest: {
      ...pc,
      crossCompile: ["x86_64-linux-gnu-"],
      debian: "amd64",
      debianKernel: "amd64",
      alsoRuns: ["i386"],
    },
  },
  i386: {
    name: "i386",
    ...x86,
    aliases: [],
    makeArch: "i386",
    config: { CONFIG_X86_32: "y" },
    elf: { machine: 3, bits: 32, order: "little" },
    pe: null,
    guest: {
      ...pc,
      crossCompile: ["i686-linux-gnu-", "x86_64-linux-gnu-"],
      debian: "i386",
      debianKernel: "686-pae",
      alsoRuns: [],
    },
  },
  aarch64: {
    name: "aarch64",
    ...arm,
    aliases: [],
    makeArch: "arm64",
    directory: "arm64",
    images: ["arch/arm64/boot/Image", "arch/arm64/boot/Image.gz", "arch/arm64/boot/vmlinuz.efi"],
    config: { CONFIG_ARM64: "y" },
    elf: { machine: 183, bits: 64, order: "little" },
    pe: 0xaa64,
    vmlinux: "kernel",
    toolchain: "aarch64",
    guest: {
      crossCompile: ["aarch64-linux-gnu-"],
      debian: "arm64",
      debianKernel: "arm64",
      alsoRuns: ["arm"],
      kernelParameters: [],
      hvc: "others-first",
      pvpanic: "pci",
    },
  },
  arm: {
    name: "arm",
    ...arm,
    aliases: [],
    makeArch: "arm",
    directory: "arm",
    images: ["arch/arm/boot/zImage", "arch/arm/boot/Image"],
    config: { CONFIG_ARM: "y" },
    elf: { machine: 40, bits: 32, order: "little" },
    pe: null,
    vmlinux: "any",
    toolchain: "arm",
    guest: {
      crossCompile: ["arm-linux-gnueabihf-", "arm-linux-gnueabi-", "arm-linux-gnu-"],
      debian: "armhf",
      debianKernel: "armmp",
      alsoRuns: [],
      kernelParameters: [],
      hvc: "others-first",
      pvpanic: "pci",
    },
  },
  riscv64: {
    name: "riscv64",
    ...riscv,
    aliases: [],
    config: { CONFIG_RISCV: "y", CONFIG_64BIT: "y" },
    elf: { machine: 243, bits: 64, order: "little" },
    pe: 0x5064,
    vmlinux: "kernel",
    toolchain: "riscv64",
    guest: {
      crossCompile: ["riscv64-linux-gnu-"],
      debian: "riscv64",
      debianKernel: "riscv64",
      alsoRuns: [],
      kernelParameters: [],
      hvc: "others-first",
      pvpanic: "pci",
    },
  },
  riscv32: {
    name: "riscv32",
    ...riscv,
    aliases: [],
    config: { CONFIG_RISCV: "y", CONFIG_64BIT: "n" },
    elf: { machine: 243, bits: 32, order: "little" },
    pe: 0x5032,
    vmlinux: "any",
    toolchain: "riscv32",
    guest: null,
  },
  s390x: {
    name: "s390x",
    aliases: [],
    makeArch: "s390",
    directory: "s390",
    images: ["arch/s390/boot/bzImage"],
    config: { CONFIG_S390: "y" },
    elf: { machine: 22, bits: 64, order: "big" },
    pe: null,
    vmlinux: "any",
    toolchain: "s390x",
    consoleOption: "CONFIG_SCLP_VT220_CONSOLE",
    pciHostBridge: "own",
    guest: {
      crossCompile: ["s390x-linux-gnu-"],
      debian: "s390x",
      debianKernel: "s390x",
      alsoRuns: [],
      kernelParameters: [],
      hvc: "others-first",
      pvpanic: "none",
    },
  },
  ppc64le: {
    name: "ppc64le",
    ...power64,
    config: { CONFIG_PPC: "y", CONFIG_PPC64: "y", CONFIG_CPU_LITTLE_ENDIAN: "y" },
    elf: { machine: 21, bits: 64, order: "little" },
    toolchain: "ppc64le",
    guest: {
      ...powerGuest,
      crossCompile: ["powerpc64le-linux-gnu-", "ppc64le-linux-gnu-"],
      debian: "ppc64el",
      debianKernel: "powerpc64le",
    },
  },
  ppc64: {
    name: "ppc64",
    ...power64,
    config: { CONFIG_PPC: "y", CONFIG_PPC64: "y", CONFIG_CPU_LITTLE_ENDIAN: "n" },
    elf: { machine: 21, bits: 64, order: "big" },
    toolchain: "ppc64",
    guest: {
      ...powerGuest,
      crossCompile: ["powerpc64-linux-gnu-", "ppc64-linux-gnu-"],
      debian: "ppc64",
      debianKernel: "powerpc64",
    },
  },
  ppc: {
    name: "ppc",
    ...power,
    config: { CONFIG_PPC: "y", CONFIG_PPC64: "n" },
    elf: { machine: 20, bits: 32, order: "big" },
    toolchain: "ppc",
    consoleOption: null,
    guest: null,
  },
  loongarch64: {
    name: "loongarch64",
    ...other,
    aliases: ["loong64", "loongarch"],
    makeArch: "loongarch",
    directory: "loongarch",
    images: ["arch/loongarch/boot/vmlinuz.efi", "arch/loongarch/boot/vmlinux.efi", "vmlinux"],
    config: { CONFIG_LOONGARCH: "y" },
    elf: { machine: 258, bits: 64, order: "little" },
    pe: 0x6264,
    toolchain: "loongarch64",
    consoleOption: "CONFIG_SERIAL_8250_CONSOLE",
  },
  mips: {
    name: "mips",
    ...mips,
    config: { CONFIG_MIPS: "y", CONFIG_64BIT: "n", CONFIG_CPU_LITTLE_ENDIAN: "n" },
    elf: { machine: 8, bits: 32, order: "big" },
    toolchain: "mips",
  },
  mipsel: {
    name: "mipsel",
    ...mips,
    config: { CONFIG_MIPS: "y", CONFIG_64BIT: "n", CONFIG_CPU_LITTLE_ENDIAN: "y" },
    elf: { machine: 8, bits: 32, order: "little" },
    toolchain: "mipsel",
  },
  mips64: {
    name: "mips64",
    ...mips,
    config: { CONFIG_MIPS: "y", CONFIG_64BIT: "y", CONFIG_CPU_LITTLE_ENDIAN: "n" },
    elf: { machine: 8, bits: 64, order: "big" },
    toolchain: "mips64",
  },
  mips64el: {
    name: "mips64el",
    ...mips,
    config: { CONFIG_MIPS: "y", CONFIG_64BIT: "y", CONFIG_CPU_LITTLE_ENDIAN: "y" },
    elf: { machine: 8, bits: 64, order: "little" },
    toolchain: "mips64el",
  },
  sparc: {
    name: "sparc",
    ...other,
    makeArch: "sparc",
    directory: "sparc",
    config: { CONFIG_SPARC: "y", CONFIG_64BIT: "n" },
    elf: { machine: 2, bits: 32, order: "big" },
    toolchain: "sparc",
  },
  sparc64: {
    name: "sparc64",
    ...other,
    makeArch: "sparc",
    directory: "sparc",
    config: { CONFIG_SPARC: "y", CONFIG_64BIT: "y" },
    elf: { machine: 43, bits: 64, order: "big" },
    toolchain: "sparc64",
  },
  m68k: {
    name: "m68k",
    ...other,
    makeArch: "m68k",
    directory: "m68k",
    config: { CONFIG_M68K: "y" },
    elf: { machine: 4, bits: 32, order: "big" },
    toolchain: "m68k",
  },
  hppa: {
    name: "hppa",
    ...other,
    aliases: ["parisc"],
    makeArch: "parisc",
    directory: "parisc",
    config: { CONFIG_PARISC: "y" },
    elf: { machine: 15, bits: 32, order: "big" },
    toolchain: "hppa",
  },
};

/** Every architecture that this project knows: those with guests of their own first. */
export const knownArchitectures: readonly ArchitectureFacts[] = Object.values(rows);
