import { toScript } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import { forwardPlan, forwardPorts, readForward, type ForwardRequest } from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface ForwardOptions extends DryRun {
  readonly cancel?: true;
  readonly reverse?: true;
}

const examples = `
A forward lasts as long as the guest, or until it is taken back. It listens on 127.0.0.1, for programs of this machine alone, unless an address
stands in front. The guest needs no network card.

Examples:
  vm forward TestVM 8080:80              port 8080 of this machine leads to port 80 of the guest
  vm forward TestVM 0.0.0.0:8080:80      others may use it too
  vm forward --reverse TestVM 3142:3142  port 3142 of the guest leads to port 3142 of this machine
  vm forward --cancel TestVM 8080:80
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the guest")
    .argument("<ports...>", "[ADDRESS:]PORT:[HOST:]PORT, where it listens and where it leads to")
    .option("--reverse", "the guest listens, and gets to this machine")
    .option("--cancel", "take such a forward back")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (guest: string, ports: readonly string[], { cancel, reverse, dryRun }: ForwardOptions) => {
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
    });
}
