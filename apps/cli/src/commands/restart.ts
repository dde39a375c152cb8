import { restartCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { type DryRun, type StopOptions, stopSettings } from "@vm/command-requests";
import { planRestart, type RestartRequest } from "@vm/operations";
import { ownScript } from "../background/own-script.js";
import type { CommandModule } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface Options extends DryRun, StopOptions {
  readonly wait: boolean;
}

export const define: CommandModule["define"] = definition(
  restartCommand,
  (context) => async (guest: string, options: Options) => {
    const request: RestartRequest = {
      operation: "restart",
      guest,
      ...stopSettings(options),
      ...(options.wait ? {} : { until: "started" }),
    };
    const host = ownHost(context);
    const restart = planRestart(request, host);
    if (options.dryRun === true) {
      writeOutput(ownScript(host));
      return;
    }
    const { tellStarted } = await import("../background/start.js");
    await tellStarted((by) => restart.carryOut(by));
  },
);
