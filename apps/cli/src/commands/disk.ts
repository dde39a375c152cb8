import type { DryRun } from "@vm/command-requests";
import { describeDisks, describeVm, renderJson } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, print } from "../dry-run.js";
import { carryOutChange } from "../keep/change.js";
import { addVmSubcommand } from "../keep/vm-subcommand.js";
import { ownHost } from "../own-host.js";

const examples = `
Examples:
  vm disk add TestVM 10G
  vm disk list TestVM
  vm disk remove TestVM disk1.qcow2
`;

interface AddOptions extends DryRun {
  readonly nvme?: true;
}

interface RemoveOptions extends DryRun {
  readonly keep?: true;
  readonly yes?: true;
}

interface ListOptions extends DryRun {
  readonly json?: true;
}

export function define(command: Command, context: CommandContext): void {
  command.addHelpText("after", examples);
  const add = (name: string, summary: string): Command => addVmSubcommand(command, name, summary);
  add("add", "make one more disk, for the next run")
    .argument("<size>", "its size, as qemu-img writes it")
    .option("--nvme", "an NVMe disk")
    .option(...dryRunOption)
    .action((vm: string, size: string, { nvme, ...options }: AddOptions) =>
      carryOutChange(
        { operation: "add-disk", vm, size, ...(nvme === true ? { bus: "nvme" } : {}) },
        { ...options, done: `${vm} has one more disk of ${size}, from its next run on` },
        context,
      ),
    );
  add("remove", "take a disk out of the configuration, and remove its image")
    .argument("<image>", "its image, as vm disk list has it")
    .option("--keep", "keep the image")
    .option("-y, --yes", "do not ask")
    .option(...dryRunOption)
    .action(async (vm: string, disk: string, { keep, yes, ...options }: RemoveOptions) => {
      if (keep !== true && yes !== true && options.dryRun !== true) {
        const { askForConsent } = await import("../keep/question.js");
        askForConsent(`Remove the disk ${disk} of ${vm}, with all that is on it?`);
      }
      await carryOutChange(
        { operation: "remove-disk", vm, disk, ...(keep === true ? { image: "keep" } : {}) },
        { ...options, done: `${vm} has no disk ${disk} any more` },
        context,
      );
    });
  add("list", "list the disks")
    .option("--json", "print a JSON array")
    .option(...dryRunOption)
    .action(async (vm: string, { json, ...options }: ListOptions) => {
      const { disks } = await describeVm({ operation: "info", vm }, ownHost(context));
      print(json === true ? renderJson(disks) : describeDisks(disks), options);
    });
}
