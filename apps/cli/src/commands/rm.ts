import { rmCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { DryRun } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { carryOutChange } from "../keep/change.js";

interface RemoveOptions extends DryRun {
  readonly yes?: true;
}

export const define: CommandModule["define"] = definition(
  rmCommand,
  (context) =>
    async (name: string, { yes, ...options }: RemoveOptions) => {
      if (yes !== true && options.dryRun !== true) {
        const { askForConsent } = await import("../keep/question.js");
        askForConsent(`Remove the virtual machine ${name}, with all of its disks?`);
      }
      await carryOutChange(
        { operation: "remove-vm", vm: name },
        { ...options, done: `removed ${name}` },
        context,
      );
    },
);
