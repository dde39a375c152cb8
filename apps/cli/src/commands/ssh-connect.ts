import type { DryRun } from "@vm/command-requests";
import { sshConnection } from "@vm/operations";
import { runInTerminal } from "@vm/terminal";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { repeatingScript } from "../reach/repeating-script.js";

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the guest")
    .option(...dryRunOption)
    .action(async (name: string, { dryRun }: DryRun) => {
      if (dryRun === true) {
        writeOutput(repeatingScript(["ssh-connect", name]));
        return;
      }
      const { argv, env } = await sshConnection(name, ownHost(context));
      context.setExitCode(await runInTerminal(argv, { cwd: context.cwd, env }));
    });
}
