import type { BootedKernel, RevisionBuild } from "./booted-kernel.js";

/** Which virtual machines there are: `vm list`. */
export interface ListRequest {
  readonly operation: "list";
}

/** What is known of a virtual machine, or of an embedded guest that runs: `vm info`, `vm disk list`. */
export interface InfoRequest {
  readonly operation: "info";
  readonly vm: string;
}

/** A virtual machine's configuration, as a run takes it: `vm config`. */
export interface ShowConfigRequest {
  readonly operation: "show-config";
  readonly vm: string;
}

/** A virtual machine in the words of another program: `vm export`. */
export interface ExportVmRequest {
  readonly operation: "export-vm";
  readonly vm: string;
  /** `libvirt`: a domain, as `virsh define` takes it. */
  readonly format: "libvirt";
  /** The kernel of the host that it boots; absent: its own boot loader starts what is on its disk. */
  readonly kernel?: BootedKernel;
}

/** The snapshots of a virtual machine: `vm snapshot list`. */
export interface ListSnapshotsRequest {
  readonly operation: "list-snapshots";
  readonly vm: string;
}

/** What this machine has and lacks: `vm doctor`. */
export interface DoctorRequest {
  readonly operation: "doctor";
  /** What `-k` takes: whether this one can be run here. */
  readonly kernel?: string;
}

/** What the cache keeps: `vm cache list`. */
export interface ListCacheRequest {
  readonly operation: "list-cache";
}

/** What is to leave the cache: `vm cache prune`. */
export interface PruneCacheRequest {
  readonly operation: "prune-cache";
  /**
   * How much may stay, as QEMU writes sizes (`10G`); `none`: as much as there is. Default: `cacheLimit` of the host's configuration, else
   * 20G, and what was used in the last two days stays in any case.
   */
  readonly limit?: string;
}

/** A console log, or what `dmesg` printed, with the lines of source text that its stacks name: `vm decode`. */
export interface DecodeRequest {
  readonly operation: "decode";
  /** What `-k` takes: the kernel that ran. */
  readonly kernel: string;
  readonly build?: RevisionBuild;
  /** A file; default: what comes on the caller's input. */
  readonly log?: string;
  /** .ko files, and directories of them, that are not of the kernel's tree. */
  readonly modules?: readonly string[];
}
