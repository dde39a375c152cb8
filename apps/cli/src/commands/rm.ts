import type { DryRun } from "@vm/command-requests";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { carryOutChange } from "../keep/change.js";

interface RemoveOptions extends DryRun {
  readonly yes?: true;
}

const examples = `
The virtual machine must not run, and no disk of another one may stand on its own (see vm clone --linked).

Examples:
  vm rm TestVM
  vm rm TestVM --yes
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the virtual machine")
    .option("-y, --yes", "do not ask")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (name: string, { yes, ...options }: RemoveOptions) => {
      if (yes !== true && options.dryRun !== true) {
        const { askForConsent } = await import("../keep/question.js");
        askForConsent(`Remove the virtual machine ${name}, with all of its disks?`);
      }
      await carryOutChange(
        { operation: "remove-vm", vm: name },
        { ...options, done: `removed ${name}` },
        context,
      );
    });
}
