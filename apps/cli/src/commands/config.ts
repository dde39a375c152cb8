import { renderJson, showConfig } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, print, type DryRun } from "../dry-run.js";
import { ownHost } from "../own-host.js";

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the virtual machine")
    .option(...dryRunOption)
    .addHelpText("after", "\nExample:\n  vm config TestVM | jq .kernelCmdline\n")
    .action(async (vm: string, options: DryRun) => {
      print(renderJson(await showConfig({ operation: "show-config", vm }, ownHost(context))), options);
    });
}
