import { logsCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { isatty } from "node:tty";
import { plainStream } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import { consoleLogOf, type LogsRequest } from "@vm/operations";
import { untilInterrupted } from "../background/followed-output.js";
import { ownScript } from "../background/own-script.js";
import type { CommandModule } from "../command-module.js";
import { writeBytes, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface Options extends DryRun {
  readonly follow?: true;
}

export const define: CommandModule["define"] = definition(
  logsCommand,
  (context) =>
    async (guest: string, { follow, dryRun }: Options) => {
      const host = ownHost(context);
      if (dryRun === true) {
        writeOutput(ownScript(host));
        return;
      }
      const request: LogsRequest = { operation: "logs", guest, follow: follow === true ? "yes" : "no" };
      await untilInterrupted(async (signal) => {
        const log = consoleLogOf(request, host, signal);
        if (isatty(1)) await writePlain(log);
        else for await (const chunk of log) writeBytes(chunk);
      });
    },
);

/** What a guest writes could rule the terminal that it is read on. */
async function writePlain(log: AsyncIterable<Uint8Array>): Promise<void> {
  const plain = plainStream();
  for await (const chunk of log) writeOutput(plain.push(chunk));
  writeOutput(plain.end());
}
