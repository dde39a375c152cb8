import { renameCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { DryRun } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { carryOutChange } from "../keep/change.js";

export const define: CommandModule["define"] = definition(
  renameCommand,
  (context) => (name: string, newName: string, options: DryRun) =>
    carryOutChange(
      { operation: "rename-vm", vm: name, newName },
      { ...options, done: `${name} is ${newName} now` },
      context,
    ),
);
