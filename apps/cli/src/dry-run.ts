import { plainText } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import { printingScript } from "@vm/operations";
import { writeOutput } from "./output.js";

/** Prints `text`; with `--dry-run`, the script that prints it: commands that only tell something have a dry run too. */
export function print(text: string, { dryRun }: DryRun): void {
  writeOutput(dryRun === true ? printingScript(text) : plainText(text));
}
