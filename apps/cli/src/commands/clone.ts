import { cloneCommand } from "@vm/command-guide";
import { cloneRequest, type CloneOptions } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOutChange } from "../keep/change.js";

export const define: CommandModule["define"] = definition(
  cloneCommand,
  (context) => (name: string, newName: string, options: CloneOptions) =>
    carryOutChange(cloneRequest(name, newName, options), options, context),
);
