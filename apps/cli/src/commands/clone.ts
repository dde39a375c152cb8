import { cloneCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { DryRun } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { carryOutChange } from "../keep/change.js";

interface CloneOptions extends DryRun {
  readonly linked?: true;
}

export const define: CommandModule["define"] = definition(
  cloneCommand,
  (context) =>
    (name: string, newName: string, { linked, ...options }: CloneOptions) =>
      carryOutChange(
        { operation: "clone-vm", vm: name, newName, ...(linked === true ? { disks: "linked" } : {}) },
        { ...options, done: `${newName} is a copy of ${name}${linked === true ? ", linked to it" : ""}` },
        context,
      ),
);
