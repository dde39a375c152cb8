import { forwardCommand } from "@vm/command-guide";
import { toScript } from "@vm/command-plan";
import { forwardRequest, type ForwardOptions } from "@vm/command-requests";
import { forwardPlan, forwardPorts } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOut } from "../dry-run.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(
  forwardCommand,
  (context) => async (guest: string, ports: readonly string[], options: ForwardOptions) => {
    const request = forwardRequest(guest, ports, options);
    const host = ownHost(context);
    await carryOut(
      options,
      async () => toScript(await forwardPlan(request, "script", host)),
      () => forwardPorts(request, host),
    );
  },
);
