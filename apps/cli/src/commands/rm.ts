import { rmCommand } from "@vm/command-guide";
import { removeRequest, type ConsentOptions } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOutChange } from "../keep/change.js";

export const define: CommandModule["define"] = definition(
  rmCommand,
  (context) => (name: string, options: ConsentOptions) =>
    carryOutChange(removeRequest(name), options, context),
);
