import { setCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
import { type DryRun, usageError } from "@vm/command-requests";
import type { CommandModule } from "../command-module.js";
import { carryOutChange } from "../keep/change.js";

const keys = ["cpus", "memory"] as const;

export const define: CommandModule["define"] = definition(
  setCommand,
  (context) => (name: string, words: readonly string[], options: DryRun) =>
    carryOutChange(
      { operation: "set-machine", vm: name, ...readSettings(words) },
      { ...options, done: `${name} has ${words.join(" ")} from its next run on` },
      context,
    ),
);

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
