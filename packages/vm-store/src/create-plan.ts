import { join } from "node:path";
import type { Plan, Step } from "@vm/command-plan";
import { hostArchitecture } from "@vm/qemu-argv";
import { CONFIG_FILE } from "./config.js";
import { renderConfigModule } from "./config-template.js";
import { checkCpus, checkDiskSize, checkMemory } from "./machine-size.js";
import type { ProcessIdentity } from "./process-identity.js";
import { IMPORT_DRAFT, moreDisk, ROOT_DISK, SEED_DISK, temporaryName } from "./temporary-directory.js";
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
  /** What the root disk is made of, in the place of a blank one; then `size` is not used. */
  readonly root?: RootImage;
  /** The content of one more disk, which the guest can only read: what its first boot is told (cloud-init). */
  readonly seed?: Uint8Array;
  /** More disks, each of a size as typed. */
  readonly disks?: readonly string[];
  /** What the disks are on. Default: `virtio`. */
  readonly bus?: "nvme" | "virtio";
  /** The guest's architecture, by any of its names. Default: that of this machine. */
  readonly arch?: string;
}

/** A root disk that is made of something. */
export interface RootImage {
  /** Makes the image, a qcow2. Beside it `draft` may be made, and is gone in the end. */
  steps(this: void, files: { readonly image: string; readonly draft: string }): Plan;
  /** The partition that is the root file system, from 1; 0: the whole disk. Default: the first. */
  readonly partition?: number;
}

/** What a new VM gets where nothing else is said. Two CPUs, so that the kernel is an SMP one with its races. */
export const NEW_VM_DEFAULTS: { readonly cpus: string; readonly memory: string; readonly size: string } = {
  cpus: "2",
  memory: "2G",
  size: "16G",
};

/** A creation in two parts, for those who put more into the new VM before it gets its name. */
export interface CreationPlan {
  /** Where the VM is put together: absolute. */
  readonly directory: string;
  /** Makes the directory, with the disk image and the configuration; `directory` is to be removed if anything fails. */
  readonly begin: Plan;
  /** Gives the VM its name. */
  readonly finish: Plan;
}

/**
 * What creating a VM does. The VM is put together under a temporary name and gets its own by a rename at the end: so it
 * is there as a whole or not at all, and of two creations at once one wins.
 * `owner`, the process that executes the plan, marks the temporary as its own; without it the plan is for a script.
 * @throws VM_NAME_INVALID, CPUS_INVALID, MEMORY_INVALID, SIZE_INVALID
 */
export function planCreation(vm: NewVm, owner?: ProcessIdentity): CreationPlan {
  const { home, name } = vm;
  const { cpus, memory, size } = { ...NEW_VM_DEFAULTS, ...vm };
  const { arch = hostArchitecture(process.arch), disks = [], bus = "virtio", root, seed } = vm;
  checkVmName(name);
  checkCpus(cpus);
  checkMemory(memory);
  for (const each of [size, ...disks]) checkDiskSize(each);
  const directory = join(home, temporaryName(name, owner));
  const config = renderConfigModule({
    name,
    machine: { cpus, memory, arch, bus },
    rootDisk: ROOT_DISK,
    disks: disks.map((_, index) => moreDisk(index + 1)),
    ...(root?.partition === undefined ? {} : { rootPartition: root.partition }),
    ...(seed === undefined ? {} : { seed: SEED_DISK }),
  });
  const image = join(directory, ROOT_DISK);
  return {
    directory,
    begin: [
      { kind: "make-directory", path: home, parents: true },
      { kind: "make-directory", path: directory },
      { kind: "remove-at-end", path: directory },
      ...(root?.steps({ image, draft: join(directory, IMPORT_DRAFT) }) ?? [createImage(image, size)]),
      ...disks.map((each, index) => createImage(join(directory, moreDisk(index + 1)), each)),
      ...(seed === undefined
        ? []
        : [{ kind: "write-file", path: join(directory, SEED_DISK), content: seed } as const]),
      { kind: "write-file", path: join(directory, CONFIG_FILE), content: config },
    ],
    finish: [{ kind: "rename", from: directory, to: join(home, name) }],
  };
}

/** The whole of `planCreation` as one plan. @throws what it throws */
export function planCreate(vm: NewVm, owner?: ProcessIdentity): Plan {
  const { begin, finish } = planCreation(vm, owner);
  return [...begin, ...finish];
}

/** nocow: on btrfs a disk image must not be copied on write, or it fragments; elsewhere it means nothing. */
export function createImage(path: string, size: string): Step {
  return { kind: "run", argv: ["qemu-img", "create", "-q", "-f", "qcow2", "-o", "nocow=on", path, size] };
}
