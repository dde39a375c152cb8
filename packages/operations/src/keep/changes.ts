import type { Host } from "../host.js";
import { toScript } from "@vm/command-plan";
import type { ChangeRequest, ListSnapshotsRequest, SnapshotRequest } from "../request/request.js";
import { changeScript, changeVm, findVm, type Change } from "./change.js";
import { planClone } from "./clone-vm.js";
import { planDiskAddition, planDiskRemoval } from "./change-disks.js";
import { planRemoval } from "./remove-vm.js";
import { planRename } from "./rename-vm.js";
import { planResize } from "./resize-disk.js";
import { changeRunning, runningQemu } from "./running-snapshots.js";
import { planMachine } from "./set-machine.js";
import { listSnapshots, planRestore, planSnapshot, planSnapshotRemoval, type Snapshot } from "./snapshots.js";

/**
 * Carries out a change: all of it or nothing.
 * @throws VM_NAME_INVALID, VM_NOT_FOUND, VM_RUNNING, VM_LINKED, VM_EXISTS, VM_NOT_CHANGED and more, each with what to do next
 */
export function change(request: ChangeRequest, host: Host): Promise<void> {
  if (isOfSnapshots(request)) {
    const socket = runningQemu(request.vm, host);
    if (socket !== undefined) return changeRunning(request, socket, host);
  }
  return changeVm(request.vm, changeOf(request), host);
}

/** The script that carries it out; of a VM that runs its QEMU is asked, by this very request. */
export async function scriptOfChange(request: ChangeRequest, host: Host): Promise<string> {
  if (isOfSnapshots(request) && runningQemu(request.vm, host) !== undefined) {
    return toScript([...host.repeat()]);
  }
  return await changeScript(request.vm, changeOf(request), host);
}

/** The snapshots of a VM, the oldest first; it may run. */
export function snapshotsOf({ vm }: ListSnapshotsRequest, host: Host): Promise<Snapshot[]> {
  return listSnapshots(findVm(vm, host), host);
}

function isOfSnapshots(request: ChangeRequest): request is SnapshotRequest {
  return ["create-snapshot", "restore-snapshot", "delete-snapshot"].includes(request.operation);
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
      return { plan: (vm) => planSnapshot(vm, request) };
    case "restore-snapshot":
      return { plan: (vm, host) => planRestore(vm, request, host), state: "half-restored" };
    case "delete-snapshot":
      return { plan: (vm, host) => planSnapshotRemoval(vm, request, host) };
    default:
      return request satisfies never;
  }
}
