import type { ComplaintKind } from "./complaint-kind.js";
import { recordsOf, type ConsoleRecord } from "./console-record.js";
import { complaintKind } from "./first-line.js";
import { lineRole, type LineRole } from "./report-line.js";

/** What the kernel had to say of one event, from its first line to its last. */
export interface KernelReport {
  readonly kind: ComplaintKind;
  /** The first line that says what happened, with nothing in front of it. */
  readonly headline: string;
  /** The panic that this event ended in; null where it did not, and where the report is of a panic itself. */
  readonly panic: string | null;
  /** In order, with what stands before the headline (`[ cut here ]`, a rule). */
  readonly lines: readonly ReportLine[];
  /** How many lines more it had: a report of more than `MAX_LINES` keeps its beginning. */
  readonly droppedLines: number;
  /** Where it began: the number of its first line, from 1. */
  readonly at: number;
}

export interface ReportLine {
  /** As the console shows it, with time and caller. */
  readonly raw: string;
  /** The kernel's message. */
  readonly text: string;
  readonly role: LineRole;
}

/** Finds reports in a console as it goes by. What it keeps is bounded, whatever the console says. */
export interface ReportParser {
  line(this: void, text: string): void;
  /** The console has ended: what is still open is a report too. */
  end(this: void): void;
}

/** A lockdep report of a long chain has several hundred. */
const MAX_LINES = 1000;
/** Of a longer line the beginning is kept: the kernel's own have at most 1,024 bytes (LOG_LINE_MAX). */
const MAX_LENGTH = 2048;
/** Reports that are written at the same time, by callers that the kernel names. */
const MAX_OPEN = 16;

/** How many lines in a row may be somebody else's before a report counts as over. */
const TOLERANCE = { preamble: 8, head: 16, ruled: 40, trace: 5, ended: 5 } as const;

interface OpenReport {
  readonly key: string;
  readonly at: number;
  /** Null as long as there are only the lines that announce one. */
  kind: ComplaintKind | null;
  headline: string;
  panic: string | null;
  readonly lines: ReportLine[];
  dropped: number;
  /** Lines that belong to it if more of it follows. */
  pending: ReportLine[];
  foreign: number;
  phase: keyof typeof TOLERANCE;
  /** `ruled`: it ends with a rule of `=`; `backtrace`: all belongs to it until its own stack begins; `shape`: as long as it looks like one. */
  end: "ruled" | "backtrace" | "shape";
  announcedBy: "cut here" | "rule" | null;
}

/** @param onReport gets each report when it is over: two that were written at the same time may come in the other order (`at`) */
export function reportParser(onReport: (report: KernelReport) => void): ReportParser {
  const open = new Map<string, OpenReport>();
  let latest: OpenReport | null = null;
  let number = 0;

  function close(report: OpenReport): void {
    if (open.get(report.key) === report) open.delete(report.key);
    if (latest === report) latest = [...open.values()].at(-1) ?? null;
    const finished = finish(report);
    if (finished !== null) onReport(finished);
  }

  function begin(key: string, announcedBy: OpenReport["announcedBy"]): OpenReport {
    const report: OpenReport = {
      key,
      at: number,
      kind: null,
      headline: "",
      panic: null,
      lines: [],
      dropped: 0,
      pending: [],
      foreign: 0,
      phase: "preamble",
      end: "shape",
      announcedBy,
    };
    const [oldest] = open.values();
    if (open.size >= MAX_OPEN && oldest !== undefined) close(oldest);
    open.set(key, report);
    latest = report;
    return report;
  }

  /** Whose report a line belongs to that begins none. */
  function ownerOf(key: string, role: LineRole | null): OpenReport | undefined {
    const own = open.get(key);
    if (own !== undefined || key === "" || role === null) return own;
    // Another CPU that was asked for its stack.
    return latest !== null && latest.kind !== null && STALLS.has(latest.kind) ? latest : undefined;
  }

  function take(record: ConsoleRecord, raw: string): void {
    const text = record.text.slice(0, MAX_LENGTH);
    const message = text.trimStart();
    const key = record.caller ?? "";
    const kind = MAY_BEGIN.test(message) ? complaintKind(message) : null;
    const current = open.get(key);
    if (kind !== null && kind !== "taint") {
      const line: ReportLine = { raw, text, role: "text" };
      if (current !== undefined && joins(current, kind)) {
        if (kind === "panic") current.panic ??= message;
        // `BUG: TASK stack guard page was hit at ...` is what happened, the oops that follows what became of it.
        else if (kind === "oops") current.kind = "oops";
        add(current, line);
        current.phase = "head";
        if (kind === "panic") current.end = "shape";
        return;
      }
      let report = current;
      if (report === undefined || report.kind !== null) {
        if (report !== undefined) close(report);
        report = begin(key, null);
      }
      report.kind = kind;
      report.headline = message;
      report.phase = "head";
      report.end = endOf(kind, message, report.announcedBy);
      add(report, line);
      if (kind === "kmemleak") close(report);
      return;
    }
    if (CUT_HERE.test(message)) {
      if (current !== undefined) close(current);
      add(begin(key, "cut here"), { raw, text, role: "furniture" });
      return;
    }
    const isRule = RULE.test(message);
    if (isRule && (current === undefined || (current.end === "shape" && current.phase !== "preamble"))) {
      if (current !== undefined && current.phase === "head" && current.kind !== null) {
        add(current, { raw, text, role: "furniture" });
        return;
      }
      if (current !== undefined) close(current);
      add(begin(key, "rule"), { raw, text, role: "furniture" });
      return;
    }
    const role = lineRole(text);
    const report = ownerOf(key, role);
    if (report === undefined) return;
    follow(report, { raw, text, role: role ?? "text" }, role !== null, isRule);
  }

  function follow(report: OpenReport, line: ReportLine, isOwn: boolean, isRule: boolean): void {
    const { text, role } = line;
    if (text.trim() === "") {
      if (report.pending.length < TOLERANCE.ruled * 2) report.pending.push(line);
      return;
    }
    if (!isOwn) {
      report.pending.push(line);
      report.foreign += 1;
      const limit = report.end === "shape" ? TOLERANCE[report.phase] : TOLERANCE.ruled;
      if (report.foreign > limit) close(report);
      return;
    }
    add(report, line);
    if (isRule && report.end === "ruled" && report.kind !== null) close(report);
    else if (role === "end") {
      if (text.includes("end Kernel panic") || report.kind === "ubsan") close(report);
      else report.phase = "ended";
    } else if (role === "stack") {
      if (report.end === "backtrace" && /^\s*stack backtrace:/.test(text)) report.end = "shape";
      if (report.phase === "head" && report.end === "shape") report.phase = "trace";
    } else if (role === "frame" && report.phase === "head" && report.end === "shape") report.phase = "trace";
  }

  return {
    line(text) {
      number += 1;
      if (open.size === 0 && !MAY_BEGIN.test(text)) return;
      const records = recordsOf(text);
      for (const record of records)
        take(record, records.length === 1 ? text.slice(0, MAX_LENGTH) : record.text);
    },
    end() {
      const left = [...open.values()];
      for (const report of left) close(report);
    },
  };
}

/** All reports in these lines, in the order in which they begin. */
export function parseReports(lines: Iterable<string>): KernelReport[] {
  const reports: KernelReport[] = [];
  const parser = reportParser((report) => reports.push(report));
  for (const line of lines) parser.line(line);
  parser.end();
  return reports.toSorted((one, other) => one.at - other.at);
}

/** A line that none of these words is in begins no report. It is asked of every line of a console. */
const MAY_BEGIN =
  /BUG|WARNING: |panic|Oops|nternal error|Unable to handle|eneral protection|\[#\d|UBSAN: |INFO: |LOCKUP|kmemleak|csd: |cut here|={20}/;
const CUT_HERE = /^-{8,}\[ cut here \]-{8,}$/;
const RULE = /^={20,}$/;

const STALLS: ReadonlySet<ComplaintKind> = new Set(["softlockup", "hardlockup", "rcustall", "hungtask"]);

function add(report: OpenReport, line: ReportLine): void {
  report.foreign = 0;
  for (const each of [...report.pending, line]) {
    if (report.lines.length < MAX_LINES) report.lines.push(each);
    else report.dropped += 1;
  }
  report.pending = [];
}

/** Whether a first line is one more of an event that has been reported already. */
function joins({ kind, phase, lines }: OpenReport, next: ComplaintKind): boolean {
  if (kind === null) return false;
  // panic_on_warn speaks before the warning's end mark, die() behind that of an oops.
  if (next === "panic")
    return kind !== "panic" && kind !== "kmemleak" && (kind !== "warn" || phase !== "ended");
  // `BUG: unable to handle ...` and then `Oops: 0000 [#1]`; `kernel BUG at ...` and then `invalid opcode: 0000 [#1]`.
  if (next === "oops") return (kind === "oops" || kind === "bug") && phase === "head";
  return next === "lockdep" && kind === "lockdep" && lines.length < 12;
}

function endOf(
  kind: ComplaintKind,
  message: string,
  announcedBy: OpenReport["announcedBy"],
): OpenReport["end"] {
  if (kind === "kasan" || kind === "kcsan") return "ruled";
  if (kind === "ubsan") return announcedBy === "rule" ? "ruled" : "shape";
  // Those that begin with a word of their own have no rule, and a stack at once.
  return kind === "lockdep" && !/^(?:BUG: |INFO: )/.test(message) ? "backtrace" : "shape";
}

function finish(report: OpenReport): KernelReport | null {
  const { kind, headline, panic, lines, dropped, at, announcedBy } = report;
  if (kind !== null) return { kind, headline, panic, lines, droppedLines: dropped, at };
  // Only announced, and then the console was cut off: what the kernel had to say is lost, but not that it had.
  if (announcedBy !== "cut here") return null;
  const all = [...lines, ...report.pending].slice(0, TOLERANCE.preamble);
  const said = all.find(({ text }) => text.trim() !== "" && !CUT_HERE.test(text.trim()));
  return {
    kind: "warn",
    headline: (said ?? all[0])?.text.trim() ?? "",
    panic,
    lines: all,
    droppedLines: dropped,
    at,
  };
}
