import { codedError, type Plan } from "@vm/command-plan";
import { findLinked } from "@vm/vm-store";
import { draftOf, type ChangedVm } from "./change.js";

/** A VM loses its name first, by one rename: what is left of it after that can no longer be taken for a VM. @throws VM_LINKED */
export function planRemoval(vm: ChangedVm): Plan {
  checkNotLinked(vm, "removed");
  const gone = draftOf("gone", vm.name, vm);
  return [
    { kind: "rename", from: vm.directory, to: gone },
    { kind: "remove", path: gone, recursive: true },
  ];
}

/** @throws VM_LINKED where images of other VMs stand on this one's */
export function checkNotLinked({ home, name }: ChangedVm, deed: string): void {
  const linked = findLinked(home, name);
  if (linked.length === 0) return;
  throw codedError(
    "VM_LINKED",
    `${name} cannot be ${deed}: the disks of ${linked.join(", ")} stand on its own`,
    {
      hint: `Remove ${linked.length === 1 ? "it" : "them"} first, or make ${linked.length === 1 ? "it" : "them"} independent: qemu-img rebase -b "" IMAGE`,
    },
  );
}
