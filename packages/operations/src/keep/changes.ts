import type { Host } from "../host.js";
import { changeScript, changeVm, findVm, type Change } from "./change.js";
import { planClone } from "./clone-vm.js";
import { planDiskAddition, planDiskRemoval } from "./change-disks.js";
import { planRemoval } from "./remove-vm.js";
import { planRename } from "./rename-vm.js";
import { planResize } from "./resize-disk.js";
import { planMachine } from "./set-machine.js";
import { listSnapshots, planRestore, planSnapshot, planSnapshotRemoval, type Snapshot } from "./snapshots.js";

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

/** A moment of a VM's disks is kept, gone back to, or forgotten: `vm snapshot`. */
export interface SnapshotRequest {
  readonly operation: "create-snapshot" | "delete-snapshot" | "restore-snapshot";
  readonly vm: string;
  readonly tag: string;
}

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

/**
 * Carries out a change: all of it or nothing.
 * @throws VM_NAME_INVALID, VM_NOT_FOUND, VM_RUNNING, VM_LINKED, VM_EXISTS, VM_NOT_CHANGED and more, each with what to do next
 */
export function change(request: ChangeRequest, host: Host): Promise<void> {
  return changeVm(request.vm, changeOf(request), host);
}

/** The script that carries it out. */
export function scriptOfChange(request: ChangeRequest, host: Host): Promise<string> {
  return changeScript(request.vm, changeOf(request), host);
}

/** The snapshots of a VM, the oldest first; it may run. */
export function snapshotsOf(vm: string, host: Host): Promise<Snapshot[]> {
  return listSnapshots(findVm(vm, host), host);
}

function changeOf(request: ChangeRequest): Change {
  switch (request.operation) {
    case "remove-vm":
      return { plan: planRemoval, state: "any" };
    case "rename-vm":
      return { plan: (vm) => planRename(vm, request.newName), state: "any" };
    case "clone-vm":
      return {
        plan: (vm) => planClone(vm, { newName: request.newName, linked: request.disks === "linked" }),
      };
    case "resize-disk":
      return {
        plan: (vm) =>
          planResize(vm, {
            size: request.size,
            ...(request.disk === undefined ? {} : { image: request.disk }),
          }),
      };
    case "set-machine":
      return { plan: (vm) => planMachine(vm, request), part: "config" };
    case "add-disk":
      return {
        plan: (vm) => planDiskAddition(vm, { size: request.size, bus: request.bus ?? "virtio" }),
        part: "config",
      };
    case "remove-disk":
      return {
        plan: (vm) => planDiskRemoval(vm, { image: request.disk, file: request.image ?? "remove" }),
      };
    case "create-snapshot":
      return { plan: (vm, host) => planSnapshot(vm, request, host) };
    case "restore-snapshot":
      return { plan: (vm, host) => planRestore(vm, request, host), state: "half-restored" };
    case "delete-snapshot":
      return { plan: (vm, host) => planSnapshotRemoval(vm, request, host) };
    default:
      return request satisfies never;
  }
}
