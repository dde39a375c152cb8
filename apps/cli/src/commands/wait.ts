import { waitCommand } from "@vm/command-guide";
import { waitRequest, type WaitOptions } from "@vm/command-requests";
import { renderJson, waitForGuest } from "@vm/operations";
import { ownScript } from "../background/own-script.js";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOut } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(
  waitCommand,
  (context) => async (guest: string, options: WaitOptions) => {
    const request = waitRequest(guest, options);
    const host = ownHost(context);
    await carryOut(
      options,
      () => ownScript(host),
      async () => {
        const event = await waitForGuest(request, host);
        if (options.json === true) writeOutput(renderJson(event));
      },
    );
  },
);
