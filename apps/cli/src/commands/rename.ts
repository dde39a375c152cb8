import { renameCommand } from "@vm/command-guide";
import { renameRequest, type DryRun } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOutChange } from "../keep/change.js";

export const define: CommandModule["define"] = definition(
  renameCommand,
  (context) => (name: string, newName: string, options: DryRun) =>
    carryOutChange(renameRequest(name, newName), options, context),
);
