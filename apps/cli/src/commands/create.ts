import { createCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { createMachine, creationScript, type CreateVmRequest } from "@vm/operations";
import { NEW_VM_DEFAULTS } from "@vm/vm-store";
import type { CommandModule } from "../command-module.js";
import { carryOutImport, type MachineOptions } from "../keep/import.js";
import { writeOutput, writeRemark } from "../output.js";
import { ownHost } from "../own-host.js";

interface CreateOptions extends MachineOptions {
  readonly size?: string;
  readonly from?: string;
}

export const define: CommandModule["define"] = definition(
  createCommand,
  (context) =>
    async (name: string, { from, ...options }: CreateOptions) => {
      if (from !== undefined) {
        const { size, ...others } = options;
        await carryOutImport({ image: from, name, ...(size === undefined ? {} : { size }) }, others, context);
        return;
      }
      const { dryRun, disk, nvme, ...machine } = options;
      const request: CreateVmRequest = {
        operation: "create-vm",
        vm: name,
        size: NEW_VM_DEFAULTS.size,
        ...machine,
        ...(disk === undefined ? {} : { disks: disk }),
        ...(nvme === true ? { bus: "nvme" } : {}),
      };
      const host = ownHost(context);
      if (dryRun === true) writeOutput(creationScript(request, host));
      else writeRemark(`created ${await createMachine(request, host)}`);
    },
);
