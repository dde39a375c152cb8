import { isatty } from "node:tty";
import { plainStream } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import { consoleLogOf, type LogsRequest } from "@vm/operations";
import type { Command } from "commander";
import { untilInterrupted } from "../background/followed-output.js";
import { ownScript } from "../background/own-script.js";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeBytes, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

interface Options extends DryRun {
  readonly follow?: true;
}

const examples = `
Prints what the console of a guest in the background said: since its start, or in its last run. The oldest is dropped after 16 MiB.
On a terminal without the guest's control sequences, elsewhere byte by byte.

Examples:
  vm logs TestVM | less
  vm logs -f TestVM                         goes on until the guest ends, or Ctrl-C
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the guest")
    .option("-f, --follow", "go on until the guest ends")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (guest: string, { follow, dryRun }: Options) => {
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
    });
}

/** What a guest writes could rule the terminal that it is read on. */
async function writePlain(log: AsyncIterable<Uint8Array>): Promise<void> {
  const plain = plainStream();
  for await (const chunk of log) writeOutput(plain.push(chunk));
  writeOutput(plain.end());
}
