import { toScript } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { ownHost } from "../own-host.js";
import { writeOutput, writeRemark } from "../output.js";

const examples = `
A copy of vm.mjs is opened in $VISUAL, $EDITOR or vi. It takes the place of the old one only when a run would take it; else the old one stays,
and what was written is kept beside it.

Example:
  EDITOR=nano vm edit TestVM
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the virtual machine")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (name: string, { dryRun }: DryRun) => {
      const { editConfig } = await import("../keep/operations.js");
      const host = ownHost(context);
      if (dryRun === true) {
        const about = "What is written is known only after it was written: the command itself checks it.";
        writeOutput(toScript([{ kind: "comment", text: about }, ...host.repeat()]));
        return;
      }
      const edited = await editConfig({ operation: "edit-config", vm: name }, host);
      writeRemark(edited === "changed" ? `${name} is changed, from its next run on` : "nothing was changed");
    });
}
