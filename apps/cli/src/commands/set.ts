import { setCommand } from "@vm/command-guide";
import { setRequest, type DryRun } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOutChange } from "../keep/change.js";

export const define: CommandModule["define"] = definition(
  setCommand,
  (context) => (name: string, words: readonly string[], options: DryRun) =>
    carryOutChange(setRequest(name, words), options, context),
);
