import type { InstallArguments } from "@vm/arch-installer";
import type { AcceleratorRequest } from "@vm/guest-run";

/** Arch Linux on a virtual machine: `vm install`. */
export interface InstallRequest {
  readonly operation: "install";
  /** The machine's name; it is made where there is none. */
  readonly vm: string;
  readonly cpus?: number;
  /** As QEMU writes it: `2G`. */
  readonly memory?: string;
  /** The size of its disk, as qemu-img writes it. */
  readonly diskSize?: string;
  readonly accelerator?: AcceleratorRequest;
  /** QEMU: a program of PATH, or a path with a slash; default: `qemu-system-x86_64`. */
  readonly qemu?: string;
  /** What the installation runs on; default: the newest image of Arch Linux's live system. */
  readonly from?: InstallFromIso | InstallFromHost;
  /** The mirror for the image, and for the packages. */
  readonly mirror?: string;
  /** What is installed, as `arch-install` has it. */
  readonly installation?: InstallArguments;
  /** Give up when the guest is not done after that time; default: never. */
  readonly timeoutMs?: number;
  /** Give up when nothing was heard of it for that time; default: 15 minutes. */
  readonly silenceMs?: number;
  /** What becomes of what there is of it when it fails; `shell` needs a terminal. Default: `remove`. */
  readonly afterFailure?: readonly ("keep" | "shell")[];
  /** Where its output goes; default: in the cache. */
  readonly log?: string;
}

/** Arch Linux's live system. */
export interface InstallFromIso {
  readonly kind: "iso";
  /** An image that is there. Absent: the newest one is downloaded. */
  readonly file?: string;
  /** Keys that may have signed the one that is downloaded; default: Arch Linux's. */
  readonly keyring?: string;
}

/** The host's own pacstrap, in an embedded guest. */
export interface InstallFromHost {
  readonly kind: "host";
  /** What `-k` takes. */
  readonly kernel: string;
  /** Default: Arch Linux's repositories. */
  readonly pacmanConfiguration?: string;
}
