import type { DryRun } from "@vm/command-requests";
import { sshPlan } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { ownHost } from "../own-host.js";
import { runPlan } from "../run/plan-run.js";

const examples = `
What is behind the guest's name is ssh's: its options, and a command, which the guest's shell reads. Exit codes are ssh's own (255: an error of it);
vm exec tells them apart.

Examples:
  vm ssh TestVM
  vm ssh TestVM 'dmesg | tail'
  vm ssh TestVM -L 8080:localhost:80
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the guest")
    .usage("[options] <name> [ssh's options] [command]")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (guest: string, options: DryRun) => {
      const mode = options.dryRun === true ? "script" : "run";
      const { afterDashes = [] } = context;
      const plan = await sshPlan({ operation: "ssh", guest, arguments: afterDashes }, mode, ownHost(context));
      const exitCode = await runPlan(plan, options, context);
      if (exitCode !== undefined) context.setExitCode(exitCode);
    });
}
