import { restartCommand } from "@vm/command-guide";
import { restartRequest, type RestartOptions } from "@vm/command-requests";
import { planRestart } from "@vm/operations";
import { ownScript } from "../background/own-script.js";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOut } from "../dry-run.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(
  restartCommand,
  (context) => async (guest: string, options: RestartOptions) => {
    const host = ownHost(context);
    const restart = planRestart(restartRequest(guest, options), host);
    await carryOut(
      options,
      () => ownScript(host),
      async () => {
        const { tellStarted } = await import("../background/start.js");
        await tellStarted((by) => restart.carryOut(by));
      },
    );
  },
);
