import { vmHome, renderJson } from "@vm/operations";
import { listVms } from "@vm/vm-store";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, print, type DryRun } from "../dry-run.js";
import { ownHost } from "../own-host.js";

interface ListOptions extends DryRun {
  readonly json?: true;
}

export function define(command: Command, context: CommandContext): void {
  command
    .option("--json", "print a JSON array")
    .option(...dryRunOption)
    .action(({ json, ...options }: ListOptions) => {
      const names = listVms(vmHome(ownHost(context)));
      print(json === true ? renderJson(names) : names.map((name) => `${name}\n`).join(""), options);
    });
}
