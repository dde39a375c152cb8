import { importCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { CommandModule } from "../command-module.js";
import { carryOutImport, type ImportOptions, type MachineOptions } from "../keep/import.js";

interface Options extends MachineOptions, ImportOptions {
  readonly size?: string;
}

export const define: CommandModule["define"] = definition(
  importCommand,
  (context) =>
    async (image: string, name: string, { size, ...options }: Options) =>
      carryOutImport({ image, name, ...(size === undefined ? {} : { size }) }, options, context),
);
