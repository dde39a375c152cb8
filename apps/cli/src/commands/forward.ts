import { forwardCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { toScript } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import { forwardPlan, forwardPorts, readForward, type ForwardRequest } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface ForwardOptions extends DryRun {
  readonly cancel?: true;
  readonly reverse?: true;
}

export const define: CommandModule["define"] = definition(
  forwardCommand,
  (context) =>
    async (guest: string, ports: readonly string[], { cancel, reverse, dryRun }: ForwardOptions) => {
      const request: ForwardRequest = {
        operation: "forward",
        guest,
        ports: ports.map((text) => ({
          ...readForward(text),
          ...(reverse === true ? { direction: "to-host" } : {}),
        })),
        ...(cancel === true ? { wish: "cancel" } : {}),
      };
      const host = ownHost(context);
      if (dryRun === true) writeOutput(toScript(await forwardPlan(request, "script", host)));
      else await forwardPorts(request, host);
    },
);
