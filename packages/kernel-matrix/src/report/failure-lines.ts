import { outputText } from "../capture.js";
import type { CellResult } from "../result.js";
import { cellVerdict } from "../verdict.js";
import { plainText } from "./plain-text.js";

/** Lines of output or console that are shown beside a failure. */
const SHOWN = 10;

/**
 * The last lines of what tells most about a cell that did not pass: the command's own errors (or output) when it ended by
 * itself, else the kernel's console.
 */
export function failureLines({ end }: CellResult): string[] {
  const verdict = cellVerdict(end);
  if (verdict === "passed" || verdict === "skipped") return [];
  if (end.kind !== "ran") return [];
  const byItself = end.result.outcome.kind === "exited" || end.result.outcome.kind === "signalled";
  const sources = byItself ? [end.stderr, end.stdout] : [end.console];
  for (const source of sources) {
    const lines = plainText(outputText(source)).trimEnd().split("\n");
    if (lines.length > 1 || lines[0] !== "") return lines.slice(-SHOWN);
  }
  return [];
}
