import { importCommand } from "@vm/command-guide";
import { importRequest, type ImportOptions } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOutImport } from "../keep/import.js";

export const define: CommandModule["define"] = definition(
  importCommand,
  (context) => (image: string, name: string, options: ImportOptions) =>
    carryOutImport(importRequest(image, name, options), options, context),
);
