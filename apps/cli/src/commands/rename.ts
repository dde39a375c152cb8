import type { DryRun } from "@vm/command-requests";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { carryOutChange } from "../keep/change.js";

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the virtual machine")
    .argument("<new>", "its new name")
    .option(...dryRunOption)
    .addHelpText("after", "\nExample:\n  vm rename TestVM OldVM\n")
    .action((name: string, newName: string, options: DryRun) =>
      carryOutChange(
        { operation: "rename-vm", vm: name, newName },
        { ...options, done: `${name} is ${newName} now` },
        context,
      ),
    );
}
