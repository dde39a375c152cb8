import { plainText } from "@vm/command-plan";
import { outputText, type CapturedOutput } from "../capture.js";
import type { CellResult } from "../result.js";
import { cellVerdict } from "../verdict.js";

/** Lines of output or console that are shown beside a failure. */
const SHOWN = 10;

/**
 * The lines that tell most about a cell that did not pass: the last ones of the command's errors (or output) when it ended by
 * itself; else the kernel's console, from its first complaint on, or the end of it.
 */
export function failureLines({ end }: CellResult): string[] {
  const verdict = cellVerdict(end);
  if (verdict === "passed" || verdict === "skipped" || end.kind !== "ran") return [];
  const { outcome, complaints } = end.result;
  if (outcome.kind === "exited" || outcome.kind === "signalled") {
    const errors = lastLines(end.stderr);
    return errors.length > 0 ? errors : lastLines(end.stdout);
  }
  const console = linesOf(end.console);
  const complaint = complaints.at(0)?.line;
  const from = complaint === undefined ? -1 : console.findIndex((line) => line.includes(complaint));
  return from === -1 ? console.slice(-SHOWN) : console.slice(from, from + SHOWN);
}

function lastLines(output: CapturedOutput): string[] {
  return linesOf(output).slice(-SHOWN);
}

function linesOf(output: CapturedOutput): string[] {
  const text = plainText(outputText(output)).trimEnd();
  return text === "" ? [] : text.split("\n");
}
