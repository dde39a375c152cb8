import type {
  AddDiskRequest,
  CloneVmRequest,
  CreateSnapshotRequest,
  RemoveDiskRequest,
  RemoveVmRequest,
  RenameVmRequest,
  ResizeDiskRequest,
  SetMachineRequest,
  SnapshotRequest,
} from "@vm/operations";
import type { DryRun } from "../caller.js";
import { usageError } from "../usage-error.js";

/** Whether the person is asked before something is lost. */
export interface ConsentOptions extends DryRun {
  readonly yes?: true;
}

export interface CloneOptions extends DryRun {
  readonly linked?: true;
}

/** `vm clone NAME NEW` */
export function cloneRequest(vm: string, newName: string, { linked }: CloneOptions): CloneVmRequest {
  return { operation: "clone-vm", vm, newName, ...(linked === true ? { disks: "linked" } : {}) };
}

/** `vm rename NAME NEW` */
export function renameRequest(vm: string, newName: string): RenameVmRequest {
  return { operation: "rename-vm", vm, newName };
}

/** `vm rm NAME` */
export function removeRequest(vm: string): RemoveVmRequest {
  return { operation: "remove-vm", vm };
}

export interface ResizeOptions extends DryRun {
  readonly disk?: string;
}

/** `vm resize NAME SIZE` */
export function resizeRequest(vm: string, size: string, { disk }: ResizeOptions): ResizeDiskRequest {
  return { operation: "resize-disk", vm, size, ...(disk === undefined ? {} : { disk }) };
}

const machineKeys = ["cpus", "memory"] as const;

/** `vm set NAME cpus=4 memory=4G` @throws USAGE */
export function setRequest(vm: string, words: readonly string[]): SetMachineRequest {
  const settings: { cpus?: string; memory?: string } = {};
  for (const word of words) {
    const equals = word.indexOf("=");
    const key = machineKeys.find((known) => known === word.slice(0, equals));
    if (key === undefined) {
      throw usageError(
        `expected cpus=NUMBER or memory=SIZE, got '${word}'`,
        "vm edit opens the whole configuration.",
      );
    }
    if (settings[key] !== undefined) throw usageError(`${key} is given twice`);
    settings[key] = word.slice(equals + 1);
  }
  return { operation: "set-machine", vm, ...settings };
}

export interface AddDiskOptions extends DryRun {
  readonly nvme?: true;
}

/** `vm disk add NAME SIZE` */
export function addDiskRequest(vm: string, size: string, { nvme }: AddDiskOptions): AddDiskRequest {
  return { operation: "add-disk", vm, size, ...(nvme === true ? { bus: "nvme" } : {}) };
}

export interface RemoveDiskOptions extends ConsentOptions {
  readonly keep?: true;
}

/** `vm disk remove NAME IMAGE` */
export function removeDiskRequest(vm: string, disk: string, { keep }: RemoveDiskOptions): RemoveDiskRequest {
  return { operation: "remove-disk", vm, disk, ...(keep === true ? { image: "keep" } : {}) };
}

export interface CreateSnapshotOptions extends DryRun {
  readonly disksOnly?: true;
}

/** `vm snapshot create NAME [TAG]`: without a tag it is the time, as `2026-11-29T00-15-00Z`. */
export function createSnapshotRequest(
  vm: string,
  tag: string | undefined,
  { disksOnly }: CreateSnapshotOptions,
): CreateSnapshotRequest {
  return {
    operation: "create-snapshot",
    vm,
    tag: tag ?? timeTag(),
    ...(disksOnly === true ? { memory: "left-out" } : {}),
  };
}

/** `vm snapshot restore NAME TAG` */
export function restoreSnapshotRequest(vm: string, tag: string): SnapshotRequest {
  return { operation: "restore-snapshot", vm, tag };
}

/** `vm snapshot delete NAME TAG` */
export function deleteSnapshotRequest(vm: string, tag: string): SnapshotRequest {
  return { operation: "delete-snapshot", vm, tag };
}

function timeTag(): string {
  return new Date()
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-");
}
