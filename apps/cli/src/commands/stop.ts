import { stopCommand } from "@vm/command-guide";
import { stopRequest, type StopGuestsOptions } from "@vm/command-requests";
import { describeStopped, guestsToStop, renderJson, stopGuests } from "@vm/operations";
import { ownScript } from "../background/own-script.js";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(
  stopCommand,
  (context) => async (names: readonly string[], options: StopGuestsOptions) => {
    const request = stopRequest(names, options);
    const host = ownHost(context);
    if (options.dryRun === true) {
      guestsToStop(request, host);
      writeOutput(ownScript(host));
      return;
    }
    const { stopped, failure } = await stopGuests(request, host);
    if (options.json === true) writeOutput(renderJson(stopped));
    for (const each of stopped) {
      const said = describeStopped(each);
      if (said !== undefined && options.force !== true) writeNotice(said);
    }
    if (failure !== undefined) throw failure;
  },
);
