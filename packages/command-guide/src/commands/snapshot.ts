import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const snapshotCommand: CommandDeclaration = {
  notes: `
A snapshot is a moment of all disks of a virtual machine, and of its memory where it runs. It stands in the images themselves, which have to be
qcow2; vm.mjs is no part of it. Going back loses what was written since, unless a snapshot was made of that as well. A machine that runs goes back
to a snapshot with memory and goes on from there; one that does not run gets its disks back.

Examples:
  vm snapshot create TestVM before-upgrade
  vm snapshot create TestVM while-it-runs --disks-only
  vm snapshot list TestVM
  vm snapshot restore TestVM before-upgrade
`,
  commands: [
    {
      name: "create",
      summary: "keep this moment of the disks",
      arguments: [
        ["<name>", "name of the virtual machine"],
        ["[tag]", "its name (default: the time)"],
      ],
      options: [["--disks-only", "leave out the memory of a machine that runs"], dryRunOption],
    },
    {
      name: "list",
      summary: "list the snapshots, the oldest first",
      arguments: [["<name>", "name of the virtual machine"]],
      options: [["--json", "print a JSON array"], dryRunOption],
    },
    {
      name: "restore",
      summary: "set the disks back to a snapshot",
      arguments: [
        ["<name>", "name of the virtual machine"],
        ["<tag>", "its name"],
      ],
      options: [dryRunOption],
    },
    {
      name: "delete",
      summary: "forget a snapshot",
      arguments: [
        ["<name>", "name of the virtual machine"],
        ["<tag>", "its name"],
      ],
      options: [dryRunOption],
    },
  ],
};
