import { resizeCommand } from "@vm/command-guide";
import { resizeRequest, type ResizeOptions } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOutChange } from "../keep/change.js";

export const define: CommandModule["define"] = definition(
  resizeCommand,
  (context) => (name: string, size: string, options: ResizeOptions) =>
    carryOutChange(resizeRequest(name, size, options), options, context),
);
