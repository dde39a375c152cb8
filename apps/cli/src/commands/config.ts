import { configCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { type DryRun, usageError } from "@vm/command-requests";
import { describeSettings, effectiveSettings, renderJson, showConfig } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { print } from "../dry-run.js";
import { ownHost } from "../own-host.js";

interface ConfigOptions extends DryRun {
  readonly effective?: true;
  readonly json?: true;
}

export const define: CommandModule["define"] = definition(
  configCommand,
  (context) =>
    async (vm: string | undefined, { effective, json, ...options }: ConfigOptions) => {
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
    },
);
