import { plainText, toScript } from "@vm/command-plan";
import { writeOutput } from "./output.js";

/** The option that every command has. */
export const dryRunOption: readonly [flags: string, description: string] = [
  "-n, --dry-run",
  "print a shell script that does the same, and do nothing else",
];

export interface DryRun {
  readonly dryRun?: true;
}

/** Prints `text`; with `--dry-run`, the script that prints it: commands that only tell something have a dry run too. */
export function print(text: string, { dryRun }: DryRun): void {
  writeOutput(dryRun === true ? scriptOf(text) : plainText(text));
}

/** The script that prints a text. A release or a path in it may hold what would change the terminal: that is taken out. */
export function scriptOf(text: string): string {
  return toScript([{ kind: "run", argv: ["cat"], input: plainText(text) }]);
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
