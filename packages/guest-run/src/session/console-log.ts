import { lineSplitter } from "@vm/command-plan";
import { consoleWatch, type ConsoleFinding } from "./console-watch.js";
import type { RootPlace } from "../protocol/plan.js";

/** The console as it goes by: its last lines are kept, and what it says is looked at. */
export interface ConsoleLog {
  push(chunk: Buffer): void;
  /** The last lines, oldest first, without the unfinished one. */
  tail(): readonly string[];
}

/** Lines kept of a console: a panic with its registers and trace has about 60. */
const KEPT_LINES = 200;
/** Of a longer line the beginning is kept: the kernel's own have at most 1,024 bytes (LOG_LINE_MAX). */
const KEPT_LENGTH = 4096;

export function consoleLog(root: RootPlace, onFinding: (finding: ConsoleFinding) => void): ConsoleLog {
  const watch = consoleWatch({ root });
  const lines: string[] = [];
  const split = lineSplitter((text) => {
    const line = text.length > KEPT_LENGTH ? `${text.slice(0, KEPT_LENGTH)}...` : text;
    lines.push(line);
    if (lines.length > KEPT_LINES * 2) lines.splice(0, KEPT_LINES);
    for (const finding of watch.line(line)) onFinding(finding);
  });
  return { push: (chunk) => split.push(chunk), tail: () => lines.slice(-KEPT_LINES) };
}
