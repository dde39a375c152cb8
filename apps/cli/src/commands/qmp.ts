import { qmpCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { type DryRun, usageError } from "@vm/command-requests";
import { askQemu, renderJson } from "@vm/operations";
import { ownScript } from "../background/own-script.js";
import type { CommandModule } from "../command-module.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(
  qmpCommand,
  (context) =>
    async (guest: string, words: string, json: string | undefined, { dryRun }: DryRun) => {
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
    },
);

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
