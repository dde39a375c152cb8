import * as v from "valibot";
import type {
  AddDiskRequest,
  CloneVmRequest,
  RemoveDiskRequest,
  RemoveVmRequest,
  RenameVmRequest,
  ResizeDiskRequest,
  SetMachineRequest,
  SnapshotRequest,
} from "../change-requests.js";
import { cpusText, diskBus, diskSize, memory, object, vmName, word } from "./values.js";

export const removeVm: v.GenericSchema<RemoveVmRequest> = object({
  operation: v.literal("remove-vm"),
  vm: vmName,
});

export const renameVm: v.GenericSchema<RenameVmRequest> = object({
  operation: v.literal("rename-vm"),
  vm: vmName,
  newName: vmName,
});

export const cloneVm: v.GenericSchema<CloneVmRequest> = object({
  operation: v.literal("clone-vm"),
  vm: vmName,
  newName: vmName,
  disks: v.exactOptional(v.picklist(["copied", "linked"])),
});

export const resizeDisk: v.GenericSchema<ResizeDiskRequest> = object({
  operation: v.literal("resize-disk"),
  vm: vmName,
  size: word,
  disk: v.exactOptional(word),
});

export const setMachine: v.GenericSchema<SetMachineRequest> = object({
  operation: v.literal("set-machine"),
  vm: vmName,
  cpus: v.exactOptional(cpusText),
  memory: v.exactOptional(memory),
});

export const addDisk: v.GenericSchema<AddDiskRequest> = object({
  operation: v.literal("add-disk"),
  vm: vmName,
  size: diskSize,
  bus: v.exactOptional(diskBus),
});

export const removeDisk: v.GenericSchema<RemoveDiskRequest> = object({
  operation: v.literal("remove-disk"),
  vm: vmName,
  disk: word,
  image: v.exactOptional(v.picklist(["keep", "remove"])),
});

/** The three changes of a snapshot differ by their name alone. */
export function snapshotChange<const Operation extends SnapshotRequest["operation"]>(
  operation: Operation,
): v.GenericSchema<Extract<SnapshotRequest, { operation: Operation }>>;
export function snapshotChange(operation: SnapshotRequest["operation"]): v.GenericSchema {
  const common = { operation: v.literal(operation), vm: vmName, tag: word };
  return operation === "create-snapshot"
    ? object({ ...common, memory: v.exactOptional(v.picklist(["kept", "left-out"])) })
    : object(common);
}
