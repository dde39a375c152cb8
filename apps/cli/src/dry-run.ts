import { plainText, toScript, type Plan } from "@vm/command-plan";
import { writeOutput } from "./output.js";

/** The option that every command has. */
export const dryRunOption: readonly [flags: string, description: string] = [
  "-n, --dry-run",
  "print a shell script that does the same thing, and do nothing",
];

export interface DryRun {
  readonly dryRun?: true;
}

/** Prints `text`; with `--dry-run`, the script that prints it: commands that only tell something have a dry run too. */
export function print(text: string, { dryRun }: DryRun): void {
  // A release or a path may hold what would change the terminal.
  const input = plainText(text);
  const plan: Plan = [{ kind: "run", argv: ["cat"], input }];
  writeOutput(dryRun === true ? toScript(plan) : input);
}

/** A value as the one JSON document of `--json` and `vm config`. */
export function toJson(value: unknown): string {
  // JSON itself escapes only a part of what a terminal obeys.
  const text = JSON.stringify(value, undefined, 2).replaceAll(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
  return `${text}\n`;
}
