import type { Compression, PackageFormat } from "@vm/modules-mounter";

/** A new virtual machine with blank disks: `vm create`. */
export interface CreateVmRequest {
  readonly operation: "create-vm";
  readonly vm: string;
  /** As QEMU's `-smp` has it; default: 2. */
  readonly cpus?: string;
  /** As QEMU writes it; default: `2G`. */
  readonly memory?: string;
  /** Of the first disk, as qemu-img writes it; default: `16G`. */
  readonly size?: string;
  /** More disks, each of a size. */
  readonly disks?: readonly string[];
  /** What the disks are on; default: `virtio`. */
  readonly bus?: "nvme" | "virtio";
  /** By any of its names; default: the host's. */
  readonly arch?: string;
}

/** A virtual machine's configuration in the person's editor, which needs a terminal: `vm edit`. */
export interface EditConfigRequest {
  readonly operation: "edit-config";
  readonly vm: string;
}

/** The guest's package that mounts a kernel's modules: `vm modules-package`. */
export interface ModulesPackageRequest {
  readonly operation: "modules-package";
  /** Where it is written; it is made where there is none. */
  readonly directory: string;
  /** Default: `pacman`. */
  readonly format?: PackageFormat;
  /** Default: `gzip`. */
  readonly compression?: Compression;
}
