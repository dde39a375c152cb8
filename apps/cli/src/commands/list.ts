import { fstatSync } from "node:fs";
import { type DryRun, usageError } from "@vm/command-requests";
import { describeVms, listMachines, machineNames, renderJson } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, print } from "../dry-run.js";
import { ownHost } from "../own-host.js";

interface ListOptions extends DryRun {
  readonly json?: true;
  readonly quiet?: true;
}

const examples = `
Embedded guests that run with a name are listed, too.
A table on a terminal; elsewhere a line for each machine, with tabs between the fields: name, state, kernel, disk, memory, ssh.
No configuration is run: of one that computes, ? stands for what it would say.

Examples:
  vm list
  vm list -q | xargs -d '\\n' -n 1 vm info
  vm list --json | jq -r '.[] | select(.state == "running") | .name'
`;

export function define(command: Command, context: CommandContext): void {
  command
    .option("--json", "print a JSON array")
    .option("-q, --quiet", "print names alone")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(({ json, quiet, ...options }: ListOptions) => {
      if (json === true && quiet === true) throw usageError("--json and -q exclude each other");
      const host = ownHost(context);
      if (quiet === true) {
        print(
          machineNames(host)
            .map((name) => `${name}\n`)
            .join(""),
          options,
        );
        return;
      }
      const vms = listMachines(host);
      print(json === true ? renderJson(vms) : describeVms(vms, isSeen() ? "person" : "program"), options);
    });
}

/** Whether standard output is a terminal, or a device like it: node:tty would cost more than the whole list. */
function isSeen(): boolean {
  try {
    return fstatSync(1).isCharacterDevice();
  } catch {
    return false;
  }
}
