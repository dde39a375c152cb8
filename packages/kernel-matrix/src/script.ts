import { quoteShell } from "@vm/command-plan";

/** A cell as the command that runs it alone. */
export interface ScriptCell {
  readonly kernel: string;
  readonly test: string;
  readonly argv: readonly string[];
}

/**
 * The shell script of a dry run: every cell one after the other, each in a guest of its own; its exit status is 0 when all
 * passed, else 1.
 *
 * @param cwd where the commands are to be run
 */
export function matrixScript(cells: readonly ScriptCell[], { cwd }: { readonly cwd: string }): string {
  const lines = cells.flatMap(({ kernel, test, argv }) => [
    "",
    `# ${oneLine(kernel)}: ${oneLine(test)}`,
    `${argv.map(quoteShell).join(" ")} </dev/null || status=1`,
  ]);
  return `${["#!/bin/sh", `cd ${quoteShell(cwd)} || exit`, "status=0", ...lines, "", 'exit "$status"'].join("\n")}\n`;
}

/** A comment ends at the line's end: no name may end it before. */
function oneLine(text: string): string {
  return text.replace(/[\n\r]/g, " ");
}
