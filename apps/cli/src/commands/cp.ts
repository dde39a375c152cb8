import { cpCommand } from "@vm/command-guide";
import { copyRequest, type CopyOptions } from "@vm/command-requests";
import { planCopy } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { ownHost } from "../own-host.js";
import { runPlan } from "../run/plan-run.js";

export const define: CommandModule["define"] = definition(
  cpCommand,
  (context) => async (paths: readonly string[], options: CopyOptions) => {
    const request = copyRequest(paths, options);
    const mode = options.dryRun === true ? "script" : "run";
    const { plan, end } = await planCopy(request, mode, ownHost(context));
    const exitCode = await runPlan(plan, options, context);
    if (exitCode !== undefined) await end(exitCode);
  },
);
