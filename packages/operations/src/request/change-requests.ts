/** A VM and its disks are removed: `vm rm`. */
export interface RemoveVmRequest {
  readonly operation: "remove-vm";
  readonly vm: string;
}

/** A VM gets another name: `vm rename`. */
export interface RenameVmRequest {
  readonly operation: "rename-vm";
  readonly vm: string;
  readonly newName: string;
}

/** A VM is copied: `vm clone`. */
export interface CloneVmRequest {
  readonly operation: "clone-vm";
  readonly vm: string;
  readonly newName: string;
  /** `linked`: both stand on what is on the disks now, and each keeps only what it writes itself. Default: `copied`. */
  readonly disks?: "copied" | "linked";
}

/** A disk is made larger: `vm resize`. */
export interface ResizeDiskRequest {
  readonly operation: "resize-disk";
  readonly vm: string;
  /** As qemu-img writes it: `20G`, or `+10G` for so much more. */
  readonly size: string;
  /** Its image, as the configuration names it; default: the first disk. */
  readonly disk?: string;
}

/** A VM's machine is changed, for its next run: `vm set`. */
export interface SetMachineRequest {
  readonly operation: "set-machine";
  readonly vm: string;
  readonly cpus?: string;
  /** As QEMU writes it: `4G`. */
  readonly memory?: string;
}

/** A VM gets one more disk, for its next run: `vm disk add`. */
export interface AddDiskRequest {
  readonly operation: "add-disk";
  readonly vm: string;
  /** As qemu-img writes it. */
  readonly size: string;
  /** Default: `virtio`. */
  readonly bus?: "nvme" | "virtio";
}

/** A disk is taken from a VM: `vm disk remove`. */
export interface RemoveDiskRequest {
  readonly operation: "remove-disk";
  readonly vm: string;
  /** Its image, as the configuration names it. */
  readonly disk: string;
  /** What becomes of the image. Default: `remove`. */
  readonly image?: "keep" | "remove";
}

interface SnapshotChange<Operation extends string> {
  readonly operation: Operation;
  readonly vm: string;
  readonly tag: string;
}

export interface CreateSnapshotRequest extends SnapshotChange<"create-snapshot"> {
  /** Of a VM that runs: whether its memory is kept as well, as it is by default. */
  readonly memory?: "kept" | "left-out";
}

/** A moment of a VM's disks is kept, forgotten, or gone back to: `vm snapshot`. */
export type SnapshotRequest =
  | CreateSnapshotRequest
  | SnapshotChange<"delete-snapshot">
  | SnapshotChange<"restore-snapshot">;

/** What changes a VM that does not run. */
export type ChangeRequest =
  | AddDiskRequest
  | CloneVmRequest
  | RemoveDiskRequest
  | RemoveVmRequest
  | RenameVmRequest
  | ResizeDiskRequest
  | SetMachineRequest
  | SnapshotRequest;
