import { type DryRun, usageError } from "@vm/command-requests";
import { planCopy, type CopyRequest } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { ownHost } from "../own-host.js";
import { runPlan } from "../run/plan-run.js";

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
    .action(async (paths: readonly string[], { preserve, ...options }: CopyOptions) => {
      const to = paths.at(-1);
      if (to === undefined || paths.length < 2) throw usageError("where to?", "vm cp FILE NAME:/tmp/");
      const request: CopyRequest = {
        operation: "copy",
        from: paths.slice(0, -1),
        to,
        ...(preserve === undefined ? {} : { preserve }),
      };
      const { plan, end } = await planCopy(
        request,
        options.dryRun === true ? "script" : "run",
        ownHost(context),
      );
      const exitCode = await runPlan(plan, options, context);
      if (exitCode !== undefined) await end(exitCode);
    });
}
