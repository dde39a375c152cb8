import { parseArgv } from "@vm/qemu-argv";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { runDiskGuest } from "../run/disk-guest.js";
import type { RunOptions } from "../run/run-options.js";
import { usageError } from "../usage-error.js";

const examples = `
What follows -- goes to QEMU as it is, after the options of the configuration. Relative paths are relative to where you stand.

Examples:
  vm run TestVM                             its own disk, its own boot loader
  vm run TestVM -k ~/linux                  the kernel just built there, with its modules
  vm run TestVM -k ~/linux -a debug -- -s   one more kernel parameter, and gdb's port
  vm run TestVM -k ~/linux -n               print the shell script instead
  vm run TestVM -- -boot d arch.iso -no-reboot
`;

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

export function define(command: Command, context: CommandContext): void {
  command
    .argument("[name]", "name of the virtual machine")
    .usage("[options] <name> [-- QEMU OPTIONS]")
    .option("-k, --kernel <build>", "boot this kernel: a build tree, or its name in the builds directory")
    .option("-i, --initrd <file>", "an initial ram disk for it")
    .option("-a, --append <parameter>", "a kernel parameter more (may be given again)", collect)
    .option("--accel <name>", "auto, kvm or tcg (default: $VM_ACCEL, else auto)")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (name: string | undefined, options: RunOptions) => {
      if (name === undefined) throw usageError("which virtual machine?", "vm list shows those there are.");
      await runDiskGuest({ name, options, extra: parseArgv(context.afterDashes ?? []), context });
    });
}
