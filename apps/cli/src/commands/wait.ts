import { waitCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { type DryRun, parseDuration, usageError } from "@vm/command-requests";
import { renderJson, waitForGuest, type WaitRequest } from "@vm/operations";
import { ownScript } from "../background/own-script.js";
import type { CommandModule } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface Options extends DryRun {
  readonly for: string;
  readonly timeout?: string;
  readonly json?: true;
}

const waited: readonly WaitRequest["event"][] = ["up", "exit", "panic"];

export const define: CommandModule["define"] = definition(
  waitCommand,
  (context) => async (guest: string, options: Options) => {
    const event = waited.find((known) => known === options.for);
    if (event === undefined) throw usageError(`--for: expected ${waited.join(", ")}, got '${options.for}'`);
    const { timeout } = options;
    const request: WaitRequest = {
      operation: "wait",
      guest,
      event,
      ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
    };
    const host = ownHost(context);
    if (options.dryRun === true) {
      writeOutput(ownScript(host));
      return;
    }
    const found = await waitForGuest(request, host);
    if (options.json === true) writeOutput(renderJson(found));
  },
);
