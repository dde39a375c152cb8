import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const diskCommand: CommandDeclaration = {
  notes: `
Examples:
  vm disk add TestVM 10G
  vm disk list TestVM
  vm disk remove TestVM disk1.qcow2
`,
  commands: [
    {
      name: "add",
      summary: "make one more disk, for the next run",
      arguments: [
        ["<name>", "name of the virtual machine"],
        ["<size>", "its size, as qemu-img writes it"],
      ],
      options: [["--nvme", "an NVMe disk"], dryRunOption],
    },
    {
      name: "remove",
      summary: "take a disk out of the configuration, and remove its image",
      arguments: [
        ["<name>", "name of the virtual machine"],
        ["<image>", "its image, as vm disk list has it"],
      ],
      options: [["--keep", "keep the image"], ["-y, --yes", "do not ask"], dryRunOption],
    },
    {
      name: "list",
      summary: "list the disks",
      arguments: [["<name>", "name of the virtual machine"]],
      options: [["--json", "print a JSON array"], dryRunOption],
    },
  ],
};
