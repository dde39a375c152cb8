import { isatty } from "node:tty";
import { logsCommand } from "@vm/command-guide";
import { plainStream } from "@vm/command-plan";
import { logsRequest, type LogsOptions } from "@vm/command-requests";
import { consoleLogOf } from "@vm/operations";
import { untilInterrupted } from "@vm/terminal";
import { ownScript } from "../background/own-script.js";
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOut } from "../dry-run.js";
import { writeBytes, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(
  logsCommand,
  (context) => async (guest: string, options: LogsOptions) => {
    const host = ownHost(context);
    await carryOut(
      options,
      () => ownScript(host),
      () =>
        untilInterrupted(async (signal) => {
          const log = consoleLogOf(logsRequest(guest, options), host, signal);
          if (isatty(1)) await writePlain(log);
          else for await (const chunk of log) writeBytes(chunk);
        }),
    );
  },
);

/** What a guest writes could rule the terminal that it is read on. */
async function writePlain(log: AsyncIterable<Uint8Array>): Promise<void> {
  const plain = plainStream();
  for await (const chunk of log) writeOutput(plain.push(chunk));
  writeOutput(plain.end());
}
