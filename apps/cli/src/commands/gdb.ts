import { gdbCommand as gdbDeclaration } from "@vm/command-guide";
import { definition } from "../define-command.js";
import type { Plan } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import { gdbCommand, type GdbRequest } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { ownHost } from "../own-host.js";
import { runPlan } from "../run/plan-run.js";

interface GdbOptions extends DryRun {
  readonly vmlinux?: string;
}

export const define: CommandModule["define"] = definition(
  gdbDeclaration,
  (context) => async (name: string, more: readonly string[], options: GdbOptions) => {
    const { vmlinux } = options;
    const request: GdbRequest = {
      operation: "gdb",
      vm: name,
      arguments: more,
      ...(vmlinux === undefined ? {} : { vmlinux }),
    };
    const plan: Plan = [{ kind: "exec", argv: await gdbCommand(request, ownHost(context)) }];
    const exitCode = await runPlan(plan, options, context);
    if (exitCode !== undefined) context.setExitCode(exitCode);
  },
);
