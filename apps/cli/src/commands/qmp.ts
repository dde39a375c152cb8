import { qmpCommand } from "@vm/command-guide";
import { qmpRequest, type DryRun } from "@vm/command-requests";
import { askQemu, renderJson } from "@vm/operations";
import { ownScript } from "../background/own-script.js";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOut } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(
  qmpCommand,
  (context) => async (guest: string, words: string, json: string | undefined, options: DryRun) => {
    const request = qmpRequest(guest, words, json);
    const host = ownHost(context);
    await carryOut(
      options,
      () => ownScript(host),
      async () => writeOutput(renderJson(await askQemu(request, host))),
    );
  },
);
