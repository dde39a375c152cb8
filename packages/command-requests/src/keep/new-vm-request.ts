import type { CreateVmRequest, ImportVmRequest } from "@vm/operations";
import type { DryRun } from "../caller.js";

/** What a new VM is given, with a blank disk or with an image's. */
interface MachineOptions extends DryRun {
  readonly cpus: string;
  readonly memory: string;
  readonly size?: string;
  readonly arch?: string;
  readonly disk?: readonly string[];
  readonly nvme?: true;
}

/** The options of `vm create`. */
export interface CreateOptions extends MachineOptions {
  readonly from?: string;
}

/** The options of `vm import`. */
export interface ImportOptions extends MachineOptions {
  readonly format?: NonNullable<ImportVmRequest["format"]>;
  readonly user?: string;
  readonly sshKey?: readonly string[];
  readonly hostname?: string;
}

/** `vm create NAME`, with `--from IMAGE` too. */
export function createRequest(vm: string, options: CreateOptions): CreateVmRequest | ImportVmRequest {
  const { from, ...machine } = options;
  return from === undefined
    ? { operation: "create-vm", vm, ...machineFields(machine) }
    : importRequest(from, vm, machine);
}

/** `vm import IMAGE NAME` */
export function importRequest(image: string, vm: string, options: ImportOptions): ImportVmRequest {
  const { format, user, sshKey, hostname } = options;
  return {
    operation: "import-vm",
    vm,
    image,
    ...machineFields(options),
    ...(format === undefined ? {} : { format }),
    ...(user === undefined ? {} : { user }),
    ...(sshKey === undefined ? {} : { sshKey }),
    ...(hostname === undefined ? {} : { hostname }),
  };
}

function machineFields({
  cpus,
  memory,
  size,
  arch,
  disk,
  nvme,
}: MachineOptions): Omit<CreateVmRequest, "operation" | "vm"> {
  return {
    cpus,
    memory,
    ...(size === undefined ? {} : { size }),
    ...(arch === undefined ? {} : { arch }),
    ...(disk === undefined ? {} : { disks: disk }),
    ...(nvme === true ? { bus: "nvme" } : {}),
  };
}
