import { mountCommand } from "@vm/command-guide";
import { mountRequest, type MountOptions } from "@vm/command-requests";
import { mountPlan } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { ownHost } from "../own-host.js";
import { runPlan } from "../run/plan-run.js";

export const define: CommandModule["define"] = definition(
  mountCommand,
  (context) => async (guest: string, directory: string, options: MountOptions) => {
    const request = mountRequest(guest, directory, options);
    const plan = await mountPlan(request, options.dryRun === true ? "script" : "run", ownHost(context));
    await runPlan(plan, options, context);
  },
);
