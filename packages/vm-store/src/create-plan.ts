import { join } from "node:path";
import type { Plan } from "@vm/command-plan";
import { CONFIG_FILE } from "./config.js";
import { renderConfigModule } from "./config-template.js";
import { checkCpus, checkDiskSize, checkMemory } from "./machine-size.js";
import type { ProcessIdentity } from "./process-identity.js";
import { ROOT_DISK, temporaryName } from "./temporary-directory.js";
import { checkVmName } from "./vm-name.js";

export interface NewVm {
  /** The directory that holds the VMs, absolute; it is made if it does not exist. */
  readonly home: string;
  readonly name: string;
  /** As typed, for QEMU's `-smp`. */
  readonly cpus?: string;
  /** As typed, for QEMU's `-m`: `2G`. */
  readonly memory?: string;
  /** As typed, for `qemu-img create`: `16G`. */
  readonly size?: string;
}

/** What a new VM gets where nothing else is said. Two CPUs, so that the kernel is an SMP one with its races. */
export const NEW_VM_DEFAULTS: { readonly cpus: string; readonly memory: string; readonly size: string } = {
  cpus: "2",
  memory: "2G",
  size: "16G",
};

/**
 * What creating a VM does. The VM is put together under a temporary name and gets its own by a rename at the end: so it
 * is there as a whole or not at all, and of two creations at once one wins.
 * `owner`, the process that executes the plan, marks the temporary as its own; without it the plan is for a script.
 * @throws VM_NAME_INVALID, CPUS_INVALID, MEMORY_INVALID, SIZE_INVALID
 */
export function planCreate(vm: NewVm, owner?: ProcessIdentity): Plan {
  const { home, name } = vm;
  const { cpus, memory, size } = { ...NEW_VM_DEFAULTS, ...vm };
  checkVmName(name);
  checkCpus(cpus);
  checkMemory(memory);
  checkDiskSize(size);
  const temporary = join(home, temporaryName(name, owner));
  const config = renderConfigModule({ name, machine: { cpus, memory }, rootDisk: ROOT_DISK });
  return [
    { kind: "make-directory", path: home, parents: true },
    { kind: "make-directory", path: temporary },
    { kind: "remove-at-end", path: temporary },
    // nocow: on btrfs a disk image must not be copied on write, or it fragments; elsewhere it means nothing.
    {
      kind: "run",
      argv: ["qemu-img", "create", "-q", "-f", "qcow2", "-o", "nocow=on", join(temporary, ROOT_DISK), size],
    },
    { kind: "write-file", path: join(temporary, CONFIG_FILE), content: config },
    { kind: "rename", from: temporary, to: join(home, name) },
  ];
}
