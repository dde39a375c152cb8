import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const resizeCommand: CommandDeclaration = {
  arguments: [
    ["<name>", "name of the virtual machine"],
    ["<size>", "the new size, as qemu-img writes it; +SIZE for so much more"],
  ],
  options: [["--disk <image>", "the disk with this image (default: the first)"], dryRunOption],
  notes: `
The disk gets larger; a disk is never made smaller. Then its partition and file system have to grow, in the guest. For a root file system
of ext4 in the first partition of /dev/vda, say:
  echo ', +' | sfdisk --no-reread -N 1 /dev/vda && partx -u /dev/vda && resize2fs /dev/vda1

Examples:
  vm resize TestVM +10G
  vm resize TestVM 64G --disk disk1.qcow2
`,
};
