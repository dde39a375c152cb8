import type { DryRun } from "@vm/command-requests";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { carryOutChange } from "../keep/change.js";

interface ResizeOptions extends DryRun {
  readonly disk?: string;
}

const examples = `
The disk gets larger; a disk is never made smaller. Then its partition and file system have to grow, in the guest. For a root file system
of ext4 in the first partition of /dev/vda, say:
  echo ', +' | sfdisk --no-reread -N 1 /dev/vda && partx -u /dev/vda && resize2fs /dev/vda1

Examples:
  vm resize TestVM +10G
  vm resize TestVM 64G --disk disk1.qcow2
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the virtual machine")
    .argument("<size>", "the new size, as qemu-img writes it; +SIZE for so much more")
    .option("--disk <image>", "the disk with this image (default: the first)")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action((name: string, size: string, { disk, ...options }: ResizeOptions) =>
      carryOutChange(
        { operation: "resize-disk", vm: name, size, ...(disk === undefined ? {} : { disk }) },
        {
          ...options,
          done: `the disk of ${name} is larger now; its partition and file system are as they were`,
        },
        context,
      ),
    );
}
