import { listCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { fstatSync } from "node:fs";
import { type DryRun, usageError } from "@vm/command-requests";
import { describeVms, listMachines, machineNames, renderJson } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { print } from "../dry-run.js";
import { ownHost } from "../own-host.js";

interface ListOptions extends DryRun {
  readonly json?: true;
  readonly quiet?: true;
}

export const define: CommandModule["define"] = definition(
  listCommand,
  (context) =>
    ({ json, quiet, ...options }: ListOptions) => {
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
    },
);

/** Whether standard output is a terminal, or a device like it: node:tty would cost more than the whole list. */
function isSeen(): boolean {
  try {
    return fstatSync(1).isCharacterDevice();
  } catch {
    return false;
  }
}
