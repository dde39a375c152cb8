import type { DryRun } from "@vm/command-requests";
import { describeSnapshots, renderJson, type SnapshotRequest } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, print } from "../dry-run.js";
import { carryOutChange } from "../keep/change.js";
import { addVmSubcommand } from "../keep/vm-subcommand.js";
import { ownHost } from "../own-host.js";

const examples = `
A snapshot is a moment of all disks of a virtual machine, and of its memory where it runs. It stands in the images themselves, which have to be
qcow2; vm.mjs is no part of it. Going back loses what was written since, unless a snapshot was made of that as well. A machine that runs goes back
to a snapshot with memory and goes on from there; one that does not run gets its disks back.

Examples:
  vm snapshot create TestVM before-upgrade
  vm snapshot create TestVM while-it-runs --disks-only
  vm snapshot list TestVM
  vm snapshot restore TestVM before-upgrade
`;

interface CreateOptions extends DryRun {
  readonly disksOnly?: true;
}

interface ListOptions extends DryRun {
  readonly json?: true;
}

export function define(command: Command, context: CommandContext): void {
  command.addHelpText("after", examples);
  const add = (name: string, summary: string): Command => addVmSubcommand(command, name, summary);
  const changing = (
    operation: Exclude<SnapshotRequest["operation"], "create-snapshot">,
    done: (tag: string, vm: string) => string,
  ): ((vm: string, tag: string, options: DryRun) => Promise<void>) => {
    return (vm, tag, options) =>
      carryOutChange({ operation, vm, tag }, { ...options, done: done(tag, vm) }, context);
  };
  add("create", "keep this moment of the disks")
    .argument("[tag]", "its name (default: the time)")
    .option("--disks-only", "leave out the memory of a machine that runs")
    .option(...dryRunOption)
    .action((vm: string, tag: string = timeTag(), { disksOnly, ...options }: CreateOptions) =>
      carryOutChange(
        { operation: "create-snapshot", vm, tag, ...(disksOnly === true ? { memory: "left-out" } : {}) },
        { ...options, done: `${vm} has the snapshot ${tag}` },
        context,
      ),
    );
  add("list", "list the snapshots, the oldest first")
    .option("--json", "print a JSON array")
    .option(...dryRunOption)
    .action(async (vm: string, { json, ...options }: ListOptions) => {
      const { snapshotsOf } = await import("../keep/operations.js");
      const snapshots = await snapshotsOf({ operation: "list-snapshots", vm }, ownHost(context));
      print(json === true ? renderJson(snapshots) : describeSnapshots(snapshots), options);
    });
  add("restore", "set the disks back to a snapshot")
    .argument("<tag>", "its name")
    .option(...dryRunOption)
    .action(changing("restore-snapshot", (tag, vm) => `${vm} is what it was at ${tag}`));
  add("delete", "forget a snapshot")
    .argument("<tag>", "its name")
    .option(...dryRunOption)
    .action(changing("delete-snapshot", (tag, vm) => `${vm} has no snapshot ${tag} any more`));
}

/** `2026-11-29T00-15-00Z`. */
function timeTag(): string {
  return new Date()
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-");
}
