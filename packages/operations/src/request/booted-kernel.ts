import type { ShareRequest } from "@vm/kernel-build";

/** A kernel of the host, and how it is booted. */
export interface BootedKernel {
  /** What `-k` takes: a build tree, an image, a package, an installed release, git:REVISION. */
  readonly name: string;
  /** How git:REVISION is built; for nothing else. */
  readonly build?: RevisionBuild;
  /** An initial ram disk; default: one is made where the kernel's drivers are modules. */
  readonly initrd?: string;
  /** More kernel parameters; each string may hold several. */
  readonly parameters?: readonly string[];
  /** A static busybox of the kernel's architecture, for an initramfs that is made. */
  readonly busybox?: string;
  /** How the guest gets files of the host; default: `auto`, by what the kernel has. */
  readonly share?: ShareRequest;
}

/** How git:REVISION is configured and compiled. */
export interface RevisionBuild {
  /** Compilers at once; default: one for each CPU. */
  readonly jobs?: number;
  /** Fragments of the configuration; default: `qemu` and `small`. */
  readonly fragments?: readonly string[];
  /** What they are added to: a target of make, or a file; default: defconfig. */
  readonly base?: string;
  /** By any of its names; default: that of the machine it is for, $ARCH of the host, or the host's. */
  readonly arch?: string;
}
