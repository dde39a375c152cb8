import type { CommandDeclaration } from "../command-declaration.js";
import { newMachineOptions } from "../options/new-machine-options.js";
import { dryRunOption } from "../options/dry-run.js";

export const importCommand: CommandDeclaration = {
  arguments: [
    ["<image-file>", "the disk image"],
    ["<name>", "name of the virtual machine, and of its directory"],
  ],
  options: [
    ...newMachineOptions,
    ["-s, --size <size>", "size of the root disk, no smaller than the image's (default: the image's)"],
    [
      "--format <format>",
      "what the image is (default: by its first bytes)",
      { choices: ["qcow2", "raw", "vdi", "vhdx", "vmdk", "vpc"] },
    ],
    ["--user <name>", "a user that cloud-init makes, who may become root by sudo"],
    [
      "--ssh-key <file>",
      "public keys that let in that user, else the image's own (repeatable)",
      { repeatable: true },
    ],
    ["--hostname <name>", "the guest's name, set by cloud-init"],
    dryRunOption,
  ],
  notes: `
The image is converted to a qcow2 image in the machine's directory, and stays as it is. It may be qcow2, raw, vmdk, vdi, vhdx or vpc; qcow2 and raw ones
also in xz, zstd, gzip or bzip2. One that is damaged, encrypted, or stands on another file is refused.

--user, --ssh-key and --hostname are for images with cloud-init: it finds them at the first boot on a disk of its own (NoCloud).

Examples:
  vm import debian-13-generic-amd64.qcow2 Debian --ssh-key ~/.ssh/id_ed25519.pub --hostname debian
  vm import disk.raw.xz Old -m 4G -s 20G
  vm import appliance.vmdk Appliance --dry-run
`,
};
