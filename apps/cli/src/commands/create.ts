import { createMachine, creationScript, type CreateVmRequest } from "@vm/operations";
import { NEW_VM_DEFAULTS } from "@vm/vm-store";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { addMachineOptions, carryOutImport, type MachineOptions } from "../keep/import.js";
import { writeOutput, writeRemark } from "../output.js";
import { ownHost } from "../own-host.js";

interface CreateOptions extends MachineOptions {
  readonly size: string;
  readonly from?: string;
}

const examples = `
Examples:
  vm create TestVM
  vm create -c "$(nproc)" -m 2G -s 16G TestVM
  vm create --nvme --disk 10G --disk 10G Storage
  vm create --arch aarch64 ArmVM            to run arm64 kernels, emulated if need be
  vm create --from debian.qcow2 Debian      as vm import, which has more options
  vm create TestVM --dry-run > create.sh
`;

export function define(command: Command, context: CommandContext): void {
  addMachineOptions(command.argument("<name>", "name of the virtual machine, and of its directory"))
    .option("-s, --size <size>", "size of the root disk, as qemu-img writes it", NEW_VM_DEFAULTS.size)
    .option("--from <file>", "a disk image, in the place of a blank disk (-s: no smaller than it)")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (name: string, { from, ...options }: CreateOptions) => {
      if (from !== undefined) {
        const isGiven = command.getOptionValueSource("size") === "cli";
        const { size, ...others } = options;
        await carryOutImport({ image: from, name, ...(isGiven ? { size } : {}) }, others, context);
        return;
      }
      const { dryRun, disk, nvme, ...machine } = options;
      const request: CreateVmRequest = {
        operation: "create-vm",
        vm: name,
        ...machine,
        ...(disk === undefined ? {} : { disks: disk }),
        ...(nvme === true ? { bus: "nvme" } : {}),
      };
      const host = ownHost(context);
      if (dryRun === true) writeOutput(creationScript(request, host));
      else writeRemark(`created ${await createMachine(request, host)}`);
    });
}
