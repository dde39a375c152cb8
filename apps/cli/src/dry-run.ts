import { toScript, type Plan } from "@vm/command-plan";
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
  const plan: Plan = [{ kind: "run", argv: ["cat"], input: text }];
  writeOutput(dryRun === true ? toScript(plan) : text);
}

/** A value as the one JSON document of `--json` and `vm config`. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
