import type { DryRun } from "@vm/command-requests";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { repeatingScript } from "../reach/repeating-script.js";

const examples = `
Any number of shells at once, in a virtual machine or an embedded guest that runs; no network is needed.

Examples:
  vm shell TestVM
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the guest")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (guest: string, { dryRun }: DryRun) => {
      if (dryRun === true) {
        writeOutput(repeatingScript(["shell", guest]));
        return;
      }
      const { execInGuest } = await import("../reach/exec-run.js");
      await execInGuest({ operation: "exec", guest, input: "terminal" }, ownHost(context), context);
    });
}
