import { cpCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { type DryRun, usageError } from "@vm/command-requests";
import { planCopy, type CopyRequest } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { ownHost } from "../own-host.js";
import { runPlan } from "../run/plan-run.js";

interface CopyOptions extends DryRun {
  readonly preserve?: true;
}

export const define: CommandModule["define"] = definition(
  cpCommand,
  (context) =>
    async (paths: readonly string[], { preserve, ...options }: CopyOptions) => {
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
    },
);
