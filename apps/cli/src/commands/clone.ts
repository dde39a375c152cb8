import type { DryRun } from "@vm/command-requests";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { carryOutChange } from "../keep/change.js";

interface CloneOptions extends DryRun {
  readonly linked?: true;
}

const examples = `
Disks are copied, by reflinks where the file system has them. With --linked what is on them now becomes the base of both machines, and
each writes into an image of its own: that takes no time and no space. The base stays in the directory of the first one, which can be
removed or renamed only when nothing stands on it any more.

Examples:
  vm clone TestVM Copy
  vm clone --linked Debian Experiment
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the virtual machine")
    .argument("<new>", "name of the copy")
    .option("--linked", "share what is on the disks now, and keep only what each writes itself")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action((name: string, newName: string, { linked, ...options }: CloneOptions) =>
      carryOutChange(
        { operation: "clone-vm", vm: name, newName, ...(linked === true ? { disks: "linked" } : {}) },
        { ...options, done: `${newName} is a copy of ${name}${linked === true ? ", linked to it" : ""}` },
        context,
      ),
    );
}
