import { lineSplitter } from "@vm/command-plan";
import { complaintLines } from "./complaint-lines.js";
import { consoleWatch, type ConsoleFinding } from "./console-watch.js";
import type { RootPlace } from "../protocol/plan.js";

/** The console as it goes by: its last lines are kept, and what it says is looked at. */
export interface ConsoleLog {
  push(chunk: Buffer): void;
  /** The console has ended: its last line counts, though it may be cut off. */
  end(): void;
  /** The last lines, oldest first, without the unfinished one. */
  tail(): readonly string[];
  /** The lines around what the kernel complained of, oldest first. */
  complaintLines(): readonly string[];
}

/** Lines kept of a console: a panic with its registers and trace has about 60. */
const KEPT_LINES = 200;
/** Of a longer line the beginning is kept; all of it is looked at. */
const KEPT_LENGTH = 4096;

export function consoleLog(root: RootPlace, onFinding: (finding: ConsoleFinding) => void): ConsoleLog {
  const watch = consoleWatch({ root });
  const lines: string[] = [];
  const kept = complaintLines();
  const split = lineSplitter((text) => {
    const line = text.length > KEPT_LENGTH ? `${text.slice(0, KEPT_LENGTH)}...` : text;
    // The kernel's own words come behind those of a program that has not ended its line.
    const findings = watch.line(text);
    kept.line(text.slice(-KEPT_LENGTH), findings.some(isReport), lines);
    lines.push(line);
    if (lines.length > KEPT_LINES * 2) lines.splice(0, KEPT_LINES);
    for (const finding of findings) onFinding(finding);
  });
  return {
    push: (chunk) => split.push(chunk),
    end: () => split.end(),
    tail: () => lines.slice(-KEPT_LINES),
    complaintLines: () => kept.kept(),
  };
}

/** A module that taints the kernel is a line and no report. */
function isReport(finding: ConsoleFinding): boolean {
  return finding.kind === "complaint" && finding.complaint.kind !== "taint";
}
