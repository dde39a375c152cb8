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
  const last = lastLines();
  const kept = complaintLines();
  const split = lineSplitter((text) => {
    const line = text.length > KEPT_LENGTH ? `${text.slice(0, KEPT_LENGTH)}...` : text;
    // The kernel's own words come behind those of a program that has not ended its line.
    const findings = watch.line(text);
    kept.line(text.slice(-KEPT_LENGTH), findings.some(isReport), last.all);
    last.push(line);
    for (const finding of findings) onFinding(finding);
  });
  return {
    push(chunk) {
      const begin = chunk.indexOf(NEWLINE) + 1;
      const end = chunk.lastIndexOf(NEWLINE) + 1;
      // A guest can say more than could be looked at line by line, and in most of it is nothing that matters: it stays bytes.
      const whole = chunk.subarray(begin, end);
      if (whole.length === 0 || !kept.isIdle() || !watch.passes(whole)) {
        split.push(chunk);
        return;
      }
      split.push(chunk.subarray(0, begin));
      // The line that ended may have begun something.
      if (kept.isIdle() && watch.passes(whole)) last.pushBytes(whole);
      else split.push(whole);
      split.push(chunk.subarray(end));
    },
    end: () => split.end(),
    tail: last.all,
    complaintLines: () => kept.kept(),
  };
}

const NEWLINE = 10;

/** The last lines of what is pushed. */
interface LastLines {
  push(this: void, line: string): void;
  /** Whole lines, each with its newline: they are told apart when somebody asks. */
  pushBytes(this: void, bytes: Buffer): void;
  all(this: void): readonly string[];
}

function lastLines(): LastLines {
  let lines: string[] = [];
  let bytes: Buffer[] = [];
  function all(): readonly string[] {
    if (bytes.length > 0) {
      const split = lineSplitter((text) =>
        lines.push(text.length > KEPT_LENGTH ? `${text.slice(0, KEPT_LENGTH)}...` : text),
      );
      for (const each of bytes) split.push(each);
      bytes = [];
    }
    lines = lines.slice(-KEPT_LINES);
    return lines;
  }
  return {
    push(line) {
      if (bytes.length > 0) all();
      lines.push(line);
      if (lines.length > KEPT_LINES * 2) lines.splice(0, KEPT_LINES);
    },
    pushBytes(text) {
      if (hasManyLines(text)) {
        lines = [];
        bytes = [];
      }
      bytes.push(text);
      if (bytes.length > KEPT_LINES) all();
    },
    all,
  };
}

/** Whether it alone has all lines that are kept. */
function hasManyLines(text: Buffer): boolean {
  let end = text.length;
  for (let count = 0; count <= KEPT_LINES; count += 1) {
    if (end === 0) return false;
    end = text.lastIndexOf(NEWLINE, end - 1);
    if (end === -1) return false;
  }
  return true;
}

/** A module that taints the kernel is a line and no report. */
function isReport(finding: ConsoleFinding): boolean {
  return finding.kind === "complaint" && finding.complaint.kind !== "taint";
}
