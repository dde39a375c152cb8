import { type DryRun, usageError } from "@vm/command-requests";
import { askQemu, renderJson } from "@vm/operations";
import type { Command } from "commander";
import { ownScript } from "../background/own-script.js";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

const examples = `
QEMU's "QMP Reference Manual" has the commands and their arguments. One command at a time: others wait until it is done.

Examples:
  vm qmp TestVM query-status
  vm qmp TestVM human-monitor-command '{"command-line": "info registers"}'
`;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of a guest in the background")
    .argument("<command>", "a command of QMP")
    .argument("[json]", "its arguments, as a JSON object")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action(async (guest: string, words: string, json: string | undefined, { dryRun }: DryRun) => {
      const args = json === undefined ? undefined : parseArguments(json);
      const host = ownHost(context);
      if (dryRun === true) {
        writeOutput(ownScript(host));
        return;
      }
      const answer = await askQemu(
        { operation: "qmp", guest, command: words, ...(args === undefined ? {} : { arguments: args }) },
        host,
      );
      writeOutput(renderJson(answer));
    });
}

function parseArguments(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw usageError(`the arguments are no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw usageError(`the arguments of a command are a JSON object, got ${text}`);
  }
  return { ...value };
}
