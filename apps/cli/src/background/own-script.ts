import { toScript } from "@vm/command-plan";
import type { Host } from "@vm/operations";

/** The script of a command that reaches into what runs: the command itself, from wherever it is run. */
export function ownScript({ repeat }: Host): string {
  return toScript([...repeat()]);
}
