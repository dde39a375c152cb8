import { createMachine, creationScript, type CreateVmRequest } from "@vm/operations";
import { NEW_VM_DEFAULTS } from "@vm/vm-store";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, type DryRun } from "../dry-run.js";
import { writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { collect } from "../repeatable-option.js";

interface CreateOptions extends DryRun {
  readonly cpus: string;
  readonly memory: string;
  readonly size: string;
  readonly arch?: string;
  readonly disk?: readonly string[];
  readonly nvme?: true;
}

const examples = `
Examples:
  vm create TestVM
  vm create -c "$(nproc)" -m 2G -s 16G TestVM
  vm create --nvme --disk 10G --disk 10G Storage
  vm create --arch aarch64 ArmVM            to run arm64 kernels, emulated if need be
  vm create TestVM --dry-run > create.sh
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the virtual machine, and of its directory")
    .option("-c, --cpus <number>", "number of CPUs", NEW_VM_DEFAULTS.cpus)
    .option("-m, --memory <size>", "memory, as QEMU writes it: 512M, 2G", NEW_VM_DEFAULTS.memory)
    .option("-s, --size <size>", "size of the root disk, as qemu-img writes it", NEW_VM_DEFAULTS.size)
    .option("--disk <size>", "one more disk of that size (repeatable)", collect)
    .option("--nvme", "NVMe disks instead of virtio's")
    .option("--arch <arch>", "architecture: x86_64, aarch64, riscv64... (default: this machine's)")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (name: string, { dryRun, disk, nvme, ...machine }: CreateOptions) => {
      const request: CreateVmRequest = {
        operation: "create-vm",
        vm: name,
        ...machine,
        ...(disk === undefined ? {} : { disks: disk }),
        ...(nvme === true ? { bus: "nvme" } : {}),
      };
      const host = ownHost(context);
      if (dryRun === true) writeOutput(creationScript(request, host));
      else writeNotice(`created ${await createMachine(request, host)}`);
    });
}
