import type { DryRun } from "@vm/command-requests";
import { describeGuest, describeMachine, renderJson } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, print } from "../dry-run.js";
import { ownHost } from "../own-host.js";

interface InfoOptions extends DryRun {
  readonly json?: true;
}

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the virtual machine, or of an embedded guest that runs")
    .option("--json", "print a JSON object, as vm list --json has it")
    .option(...dryRunOption)
    .addHelpText("after", "\nExample:\n  vm info TestVM --json | jq .diskUsedBytes\n")
    .action(async (name: string, { json, ...options }: InfoOptions) => {
      const vm = await describeGuest({ operation: "info", vm: name }, ownHost(context));
      print(json === true ? renderJson(vm) : describeMachine(vm), options);
    });
}
