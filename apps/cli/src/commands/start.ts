import { startCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { refusePackages, type StartOptions, startRequest } from "@vm/command-requests";
import { startScript, withRunDefaults } from "@vm/operations";
import type { CommandModule } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { hasInput } from "../run/command-input.js";

export const define: CommandModule["define"] = definition(
  startCommand,
  (context) => async (name: string | undefined, options: StartOptions) => {
    if (name !== undefined) refusePackages([name], "VM");
    const host = ownHost(context);
    const asked = startRequest(name, options, { ...context, hasInput });
    const request = { ...asked, run: withRunDefaults(asked.run, host) };
    if (options.dryRun === true) {
      writeOutput(await startScript(request, host));
      return;
    }
    const { startGuest, tellStarted } = await import("../background/start.js");
    await tellStarted((by) => startGuest(request, by, host), options);
  },
);
