import { execute, toScript } from "@vm/command-plan";
import { planCopy, type CopyRequest } from "@vm/operations";
import { runInTerminal } from "@vm/terminal";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, type DryRun } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { usageError } from "../usage-error.js";

interface CopyOptions extends DryRun {
  readonly preserve?: true;
}

const examples = `
NAME:PATH is a path in the guest NAME; a relative one starts at root's home there. Directories are copied with all that is in them, links as what
they lead to. No network is needed.

Examples:
  vm cp ./reproduce TestVM:/tmp/
  vm cp TestVM:/var/log/journal ./logs
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<paths...>", "what to copy, and at the end where to")
    .usage("[options] <from...> <to>")
    .option("-p, --preserve", "keep times and modes")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (paths: readonly string[], { preserve, dryRun }: CopyOptions) => {
      const to = paths.at(-1);
      if (to === undefined || paths.length < 2) throw usageError("where to?", "vm cp FILE NAME:/tmp/");
      const request: CopyRequest = {
        operation: "copy",
        from: paths.slice(0, -1),
        to,
        ...(preserve === undefined ? {} : { preserve }),
      };
      const { plan, end } = await planCopy(request, dryRun === true ? "script" : "run", ownHost(context));
      if (dryRun === true) {
        writeOutput(toScript(plan));
        return;
      }
      const { exitCode, failure } = await execute(plan, { cwd: context.cwd, onExec: runInTerminal });
      if (failure !== undefined) throw failure.error;
      await end(exitCode);
    });
}
