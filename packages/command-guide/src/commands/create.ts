import { NEW_VM_DEFAULTS } from "@vm/vm-store";
import type { CommandDeclaration } from "../command-declaration.js";
import { newMachineOptions } from "../options/new-machine-options.js";
import { dryRunOption } from "../options/dry-run.js";

export const createCommand: CommandDeclaration = {
  arguments: [["<name>", "name of the virtual machine, and of its directory"]],
  options: [
    ...newMachineOptions,
    [
      "-s, --size <size>",
      `size of the root disk, as qemu-img writes it (default: "${NEW_VM_DEFAULTS.size}")`,
    ],
    ["--from <file>", "a disk image, in the place of a blank disk (-s: no smaller than it)"],
    dryRunOption,
  ],
  notes: `
Examples:
  vm create TestVM
  vm create -c "$(nproc)" -m 2G -s 16G TestVM
  vm create --nvme --disk 10G --disk 10G Storage
  vm create --arch aarch64 ArmVM            to run arm64 kernels, emulated if need be
  vm create --from debian.qcow2 Debian      as vm import, which has more options
  vm create TestVM --dry-run > create.sh
`,
};
