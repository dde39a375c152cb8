import { join } from "node:path";
import type { Plan } from "@vm/command-plan";
import {
  createImage,
  type NewVm,
  planCreation,
  type ProcessIdentity,
  ROOT_DISK,
  temporaryName,
} from "@vm/vm-store";

/** What is installed on: a disk image in a temporary directory, which becomes the VM's in the last step. */
export interface InstallTarget {
  /** The directory that holds the VMs. */
  readonly home: string;
  readonly name: string;
  /** Temporary; on the file system of the VM. */
  readonly directory: string;
  /** The blank image in it. */
  readonly disk: string;
  readonly begin: Plan;
  readonly finish: Plan;
  /** The VM as it was: its directory; absent where there was none. */
  readonly existing?: string;
}

/**
 * A VM that there is not yet: it gets its name, and is a VM, only with a system on its disk. `owner`: see `planCreation`.
 * @throws VM_NAME_INVALID, CPUS_INVALID, MEMORY_INVALID, SIZE_INVALID
 */
export function newVmTarget(vm: NewVm, owner?: ProcessIdentity): InstallTarget {
  const { home, name } = vm;
  const plan = planCreation(vm, owner);
  return { home, name, ...plan, disk: join(plan.directory, ROOT_DISK) };
}

/** A VM that is there: it keeps its old disk until a new one, of the same size, has a system on it. */
export function existingVmTarget(
  { home, name, sizeBytes }: { readonly home: string; readonly name: string; readonly sizeBytes: number },
  owner?: ProcessIdentity,
): InstallTarget {
  const directory = join(home, temporaryName(name, owner));
  const disk = join(directory, ROOT_DISK);
  const existing = join(home, name);
  return {
    home,
    name,
    directory,
    disk,
    existing,
    begin: [
      { kind: "make-directory", path: directory },
      { kind: "remove-at-end", path: directory },
      createImage(disk, String(sizeBytes)),
    ],
    finish: [
      { kind: "rename", from: disk, to: join(existing, ROOT_DISK) },
      { kind: "remove", path: directory, recursive: true },
    ],
  };
}
