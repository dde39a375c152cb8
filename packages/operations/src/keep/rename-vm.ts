import { join } from "node:path";
import type { Plan } from "@vm/command-plan";
import { checkNewName, type ChangedVm } from "./change.js";
import { checkNotLinked } from "./remove-vm.js";

/** One rename. @throws VM_NAME_INVALID, VM_EXISTS, VM_LINKED */
export function planRename(vm: ChangedVm, newName: string): Plan {
  checkNewName(newName, vm.home);
  checkNotLinked(vm, "renamed");
  return [{ kind: "rename", from: vm.directory, to: join(vm.home, newName) }];
}
