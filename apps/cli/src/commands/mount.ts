import { mountCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { DryRun } from "@vm/command-requests";
import { mountPlan, type MountRequest } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { ownHost } from "../own-host.js";
import { runPlan } from "../run/plan-run.js";

interface MountOptions extends DryRun {
  readonly from?: string;
  readonly readOnly?: true;
}

export const define: CommandModule["define"] = definition(
  mountCommand,
  (context) =>
    async (guest: string, directory: string, { from, readOnly, ...options }: MountOptions) => {
      const request: MountRequest = {
        operation: "mount",
        guest,
        directory,
        ...(from === undefined ? {} : { from }),
        ...(readOnly === true ? { access: "read-only" } : {}),
      };
      const plan = await mountPlan(request, options.dryRun === true ? "script" : "run", ownHost(context));
      await runPlan(plan, options, context);
    },
);
