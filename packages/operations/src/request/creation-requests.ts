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

/** A VM is made of an image: `vm import`. */
export interface ImportVmRequest {
  readonly operation: "import-vm";
  /** The new VM's name. */
  readonly vm: string;
  /** The image's file, also one that is compressed. */
  readonly image: string;
  /** What it is, where its first bytes are not to say it. */
  readonly format?: "qcow2" | "raw" | "vdi" | "vhdx" | "vmdk" | "vpc";
  readonly cpus?: string;
  /** As QEMU writes it: `2G`. */
  readonly memory?: string;
  /** What its disk is made as large as. Default: as large as the image is. */
  readonly size?: string;
  /** Sizes of more disks. */
  readonly disks?: readonly string[];
  /** Default: `virtio`. */
  readonly bus?: "nvme" | "virtio";
  /** Default: the host's. */
  readonly arch?: string;
  /** For cloud-init: a user that is made at the first boot. */
  readonly user?: string;
  /** For cloud-init: files of public keys, or keys, that let in that user, or the image's own. */
  readonly sshKey?: readonly string[];
  /** For cloud-init: the guest's name. */
  readonly hostname?: string;
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
