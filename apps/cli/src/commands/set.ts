import { type DryRun, usageError } from "@vm/command-requests";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { carryOutChange } from "../keep/change.js";

const examples = `
It counts from the next run on: the virtual machine may run. Comments and everything else in vm.mjs stay as they are; one that computes is
for vm edit.

Examples:
  vm set TestVM cpus=4 memory=4G
`;

const keys = ["cpus", "memory"] as const;

export function define(command: Command, context: CommandContext): void {
  command
    .argument("<name>", "name of the virtual machine")
    .argument("<settings...>", "cpus=NUMBER, memory=SIZE")
    .option(...dryRunOption)
    .addHelpText("after", examples)
    .action((name: string, words: readonly string[], options: DryRun) =>
      carryOutChange(
        { operation: "set-machine", vm: name, ...readSettings(words) },
        { ...options, done: `${name} has ${words.join(" ")} from its next run on` },
        context,
      ),
    );
}

function readSettings(words: readonly string[]): { readonly cpus?: string; readonly memory?: string } {
  const settings: { cpus?: string; memory?: string } = {};
  for (const word of words) {
    const equals = word.indexOf("=");
    const key = keys.find((known) => known === word.slice(0, equals));
    if (key === undefined) {
      throw usageError(
        `expected cpus=NUMBER or memory=SIZE, got '${word}'`,
        "vm edit opens the whole configuration.",
      );
    }
    if (settings[key] !== undefined) throw usageError(`${key} is given twice`);
    settings[key] = word.slice(equals + 1);
  }
  return settings;
}
