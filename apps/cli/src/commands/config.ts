import { type DryRun, usageError } from "@vm/command-requests";
import { describeSettings, effectiveSettings, renderJson, showConfig } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, print } from "../dry-run.js";
import { ownHost } from "../own-host.js";

interface ConfigOptions extends DryRun {
  readonly effective?: true;
  readonly json?: true;
}

const examples = `
Without a name, --effective prints what counts where the command line does not say it: of the vm.config.json that is nearest upwards,
of ~/.config/vm/config.json, and what is built in; a line for each key, with its value and who says it.

Examples:
  vm config TestVM | jq .kernelCmdline
  vm config --effective
  VM_CONFIG=none vm config --effective --json
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("[name]", "name of the virtual machine")
    .option("--effective", "what counts by default in this directory, and who says it")
    .option("--json", "print that as a JSON array")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (vm: string | undefined, { effective, json, ...options }: ConfigOptions) => {
      const host = ownHost(context);
      if (effective === true) {
        if (vm !== undefined)
          throw usageError(`--effective is about this directory, and vm config ${vm} about that machine`);
        const settings = effectiveSettings(host);
        print(json === true ? renderJson(settings) : describeSettings(settings), options);
        return;
      }
      if (json === true) throw usageError("--json goes with --effective", "A machine's is always JSON.");
      if (vm === undefined)
        throw usageError("which virtual machine? Or --effective", "vm list shows the machines.");
      print(renderJson(await showConfig({ operation: "show-config", vm }, host)), options);
    });
}
