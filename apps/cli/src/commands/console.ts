import { consoleCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { isatty } from "node:tty";
import { type DryRun, usageError } from "@vm/command-requests";
import { openConsoleOf } from "@vm/operations";
import { attachConsole, parseDetachKey } from "@vm/terminal";
import { ownScript } from "../background/own-script.js";
import type { CommandModule } from "../command-module.js";
import { writeOutput, writeRemark } from "../output.js";
import { ownHost } from "../own-host.js";

interface Options extends DryRun {
  readonly detachKey: string;
}

export const define: CommandModule["define"] = definition(
  consoleCommand,
  (context) =>
    async (name: string, { detachKey, dryRun }: Options) => {
      const key = parseDetachKey(detachKey);
      if (key === undefined) throw usageError(`--detach-key: expected a key such as ^T, got '${detachKey}'`);
      const host = ownHost(context);
      if (dryRun === true) {
        writeOutput(ownScript(host));
        return;
      }
      const socket = await openConsoleOf({ operation: "console", guest: name }, host);
      const isTerminal = isatty(0);
      const end = await attachConsole(socket, {
        detachKey: key,
        onAttached: () => {
          if (isTerminal) writeRemark(`the console of ${name}; ${detachKey} leaves it`);
        },
      });
      if (isTerminal) writeRemark(end === "detached" ? `${name} goes on` : `${name} has ended`);
    },
);
