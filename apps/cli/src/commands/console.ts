import { isatty } from "node:tty";
import { type DryRun, usageError } from "@vm/command-requests";
import { openConsoleOf } from "@vm/operations";
import { attachConsole, parseDetachKey } from "@vm/terminal";
import type { Command } from "commander";
import { ownScript } from "../background/own-script.js";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput, writeRemark } from "../output.js";
import { ownHost } from "../own-host.js";

interface Options extends DryRun {
  readonly detachKey: string;
}

const examples = `
What the console said last comes first; vm logs has all of it. Any number of people may be attached at once, and all can type.
Ctrl-] leaves the console, and the guest goes on. QEMU's own keys work as ever: Ctrl-A C is its monitor, Ctrl-A X ends it.

Examples:
  vm console TestVM
  vm console TestVM --detach-key '^T'
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of a guest in the background")
    .option("--detach-key <key>", "the key that leaves the console, as ^A to ^Z, ^\\, ^] or ^_", "^]")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (name: string, { detachKey, dryRun }: Options) => {
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
    });
}
