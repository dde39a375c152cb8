import { sshCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { DryRun } from "@vm/command-requests";
import { sshPlan } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { ownHost } from "../own-host.js";
import { runPlan } from "../run/plan-run.js";

export const define: CommandModule["define"] = definition(
  sshCommand,
  (context) => async (guest: string, options: DryRun) => {
    const mode = options.dryRun === true ? "script" : "run";
    const { afterDashes = [] } = context;
    const plan = await sshPlan({ operation: "ssh", guest, arguments: afterDashes }, mode, ownHost(context));
    const exitCode = await runPlan(plan, options, context);
    if (exitCode !== undefined) context.setExitCode(exitCode);
  },
);
