import type { Property } from "../option.js";

/** How a machine's virtio devices are reached: the end of their names, `virtio-net-pci` or `virtio-net-ccw`. */
export type VirtioBus = "pci" | "ccw";

/** What is to be known of an architecture to start a guest on it. */
export interface ArchitectureFacts {
  /** The name that this project uses: QEMU's, but for `ppc64le`, which QEMU runs as `ppc64`. */
  readonly name: string;
  /** What else people, `uname -m`, Debian, Node and the kernel's `ARCH=` call it. */
  readonly aliases: readonly string[];
  /** The X of `qemu-system-X`. */
  readonly qemu: string;
  /** The packages that have this QEMU. */
  readonly qemuPackages: QemuPackages;
  /** `-machine`: its type, and what it wants set. */
  readonly machine: { readonly type: string; readonly props: readonly Property[] };
  /** Whether QEMU takes this machine, or one as good, when none is named. */
  readonly machineByDefault: "yes" | "no";
  readonly virtioBus: VirtioBus;
  /** What QEMU gives a guest with no `-m`. Source: `default_ram_size` of the machine. */
  readonly defaultMemory: string;
  /** `-cpu` under emulation: a model and its features. Null: the machine's own model is the fullest one. */
  readonly emulatedCpu: {
    readonly model: string;
    readonly features: readonly Property[];
    /** What kernels before a release are started on. */
    readonly before?: { readonly release: string; readonly model: string };
  } | null;
  /** Hosts whose KVM runs it, by `name`. */
  readonly kvmHosts: readonly string[];
  /** The machine's first serial port as the kernel calls it: `console=ttyS0`. */
  readonly console: string;
  /** Devices of a new virtual machine beside disk and network: a watchdog, and notes for a memory dump. */
  readonly devices: readonly string[];
  /** What starts the disk's own boot loader: QEMU brings it along, or it is a file of a package. */
  readonly firmware: "built-in" | Firmware;
}

/** The packages of a program, by distribution. */
export interface QemuPackages {
  readonly debian: string;
  /** Where Debian's newer releases have it in another one. */
  readonly debianSince13?: string;
  readonly arch: string;
  readonly fedora: string;
}

/** Firmware that does not come with QEMU. */
export interface Firmware {
  /** The option that takes it. */
  readonly flag: "bios" | "kernel";
  /** Where Debian's package puts the file. */
  readonly file: string;
  readonly debian: string;
}
