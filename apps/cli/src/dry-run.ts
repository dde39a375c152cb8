import { plainText } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import { printingScript } from "@vm/operations";
import { writeOutput } from "./output.js";

/** The option that every command has. */
export const dryRunOption: readonly [flags: string, description: string] = [
  "-n, --dry-run",
  "print a shell script that does the same, and do nothing else",
];

/** Prints `text`; with `--dry-run`, the script that prints it: commands that only tell something have a dry run too. */
export function print(text: string, { dryRun }: DryRun): void {
  writeOutput(dryRun === true ? printingScript(text) : plainText(text));
}
