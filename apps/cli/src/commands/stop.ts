import { stopCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { type DryRun, type StopOptions, stopSettings, usageError } from "@vm/command-requests";
import { describeStopped, guestsToStop, renderJson, stopGuests, type StopRequest } from "@vm/operations";
import { ownScript } from "../background/own-script.js";
import type { CommandModule } from "../command-module.js";
import { writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface Options extends DryRun, StopOptions {
  readonly all?: true;
  readonly json?: true;
}

export const define: CommandModule["define"] = definition(
  stopCommand,
  (context) => async (names: readonly string[], options: Options) => {
    const { all, json, dryRun } = options;
    if ((all === true) === names.length > 0) {
      throw usageError(
        all === true ? "--all and names exclude each other" : "which guest?",
        "vm stop NAME, or vm stop --all",
      );
    }
    const request: StopRequest = {
      operation: "stop",
      guests: all === true ? "all" : names,
      ...stopSettings(options),
    };
    const host = ownHost(context);
    if (dryRun === true) {
      guestsToStop(request, host);
      writeOutput(ownScript(host));
      return;
    }
    const { stopped, failure } = await stopGuests(request, host);
    if (json === true) writeOutput(renderJson(stopped));
    for (const each of stopped) {
      const said = describeStopped(each);
      if (said !== undefined && options.force !== true) writeNotice(said);
    }
    if (failure !== undefined) throw failure;
  },
);
