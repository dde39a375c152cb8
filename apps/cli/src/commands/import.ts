import { Option, type Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import {
  addMachineOptions,
  carryOutImport,
  type ImportOptions,
  type MachineOptions,
} from "../keep/import.js";
import { collect } from "../repeatable-option.js";

const examples = `
The image is converted to a qcow2 image in the machine's directory, and stays as it is. It may be qcow2, raw, vmdk, vdi, vhdx or vpc; qcow2 and raw ones
also in xz, zstd, gzip or bzip2. One that is damaged, encrypted, or stands on another file is refused.

--user, --ssh-key and --hostname are for images with cloud-init: it finds them at the first boot on a disk of its own (NoCloud).

Examples:
  vm import debian-13-generic-amd64.qcow2 Debian --ssh-key ~/.ssh/id_ed25519.pub --hostname debian
  vm import disk.raw.xz Old -m 4G -s 20G
  vm import appliance.vmdk Appliance --dry-run
`;

interface Options extends MachineOptions, ImportOptions {
  readonly size?: string;
}

export function define(command: Command, context: CommandContext): void {
  addMachineOptions(
    command
      .argument("<image-file>", "the disk image")
      .argument("<name>", "name of the virtual machine, and of its directory"),
  )
    .option("-s, --size <size>", "size of the root disk, no smaller than the image's (default: the image's)")
    .addOption(
      new Option("--format <format>", "what the image is (default: by its first bytes)").choices([
        "qcow2",
        "raw",
        "vdi",
        "vhdx",
        "vmdk",
        "vpc",
      ]),
    )
    .option("--user <name>", "a user that cloud-init makes, who may become root by sudo")
    .option(
      "--ssh-key <file>",
      "public keys that let in that user, else the image's own (repeatable)",
      collect,
    )
    .option("--hostname <name>", "the guest's name, set by cloud-init")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (image: string, name: string, { size, ...options }: Options) =>
      carryOutImport({ image, name, ...(size === undefined ? {} : { size }) }, options, context),
    );
}
