import { listVms, readUserConfig, resolveVmHome } from "@vm/vm-store";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, print, toJson, type DryRun } from "../dry-run.js";

interface ListOptions extends DryRun {
  readonly json?: true;
}

export function define(command: Command, { env }: CommandContext): void {
  command
    .option("--json", "print a JSON array")
    .option(...dryRunOption)
    .action(({ json, ...options }: ListOptions) => {
      const names = listVms(resolveVmHome({ env, userConfig: readUserConfig({ env }) }));
      print(json === true ? toJson(names) : names.map((name) => `${name}\n`).join(""), options);
    });
}
