import type { DryRun } from "@vm/command-requests";
import type { ImportVmRequest } from "@vm/operations";
import type { CommandContext } from "../command-module.js";
import { ownHost } from "../own-host.js";
import { writeOutput, writeRemark } from "../output.js";

/** What a new VM is given, with a blank disk or with an image's. */
export interface MachineOptions extends DryRun {
  readonly cpus: string;
  readonly memory: string;
  readonly arch?: string;
  readonly disk?: readonly string[];
  readonly nvme?: true;
}

/** What only an image has. */
export interface ImportOptions {
  readonly format?: NonNullable<ImportVmRequest["format"]>;
  readonly user?: string;
  readonly sshKey?: readonly string[];
  readonly hostname?: string;
}

/** Makes a VM of an image, or prints the script. */
export async function carryOutImport(
  { image, name, size }: { readonly image: string; readonly name: string; readonly size?: string },
  options: MachineOptions & ImportOptions,
  context: CommandContext,
): Promise<void> {
  const { importScript, importVm } = await import("./operations.js");
  const { cpus, memory, arch, disk, nvme, format, user, sshKey, hostname } = options;
  const request: ImportVmRequest = {
    operation: "import-vm",
    vm: name,
    image,
    cpus,
    memory,
    ...(size === undefined ? {} : { size }),
    ...(arch === undefined ? {} : { arch }),
    ...(disk === undefined ? {} : { disks: disk }),
    ...(nvme === true ? { bus: "nvme" } : {}),
    ...(format === undefined ? {} : { format }),
    ...(user === undefined ? {} : { user }),
    ...(sshKey === undefined ? {} : { sshKey }),
    ...(hostname === undefined ? {} : { hostname }),
  };
  const host = ownHost(context);
  if (options.dryRun === true) {
    writeOutput(await importScript(request, host));
    return;
  }
  await importVm(request, host);
  writeRemark(`created ${name} of ${image}`);
}
