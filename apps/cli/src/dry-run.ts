import { plainText } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import { printingScript } from "@vm/operations";
import { writeOutput } from "./output.js";

/** Does what a command is for; with `--dry-run`, prints its script. */
export async function carryOut(
  { dryRun }: DryRun,
  script: () => Promise<string> | string,
  run: () => unknown,
): Promise<void> {
  if (dryRun === true) writeOutput(await script());
  else await run();
}

/** Prints `text`; with `--dry-run`, the script that prints it: commands that only tell something have a dry run too. */
export function print(text: string, { dryRun }: DryRun): void {
  writeOutput(dryRun === true ? printingScript(text) : plainText(text));
}
