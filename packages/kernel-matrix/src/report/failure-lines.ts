import { plainLine, plainText } from "@vm/command-plan";
import type { KtapReport } from "@vm/ktap";
import { describeFacts, describeReport, firstWords, type FailureReport } from "@vm/operations";
import { outputText, type CapturedOutput } from "../capture.js";
import type { CellEnd, CellResult } from "../result.js";
import { cellVerdict, describeEnd, describePlace, ktapWords, type Verdict } from "../verdict.js";
import { badRows, rowName, rowReason } from "./subtest-rows.js";

/** Lines of output or console that are shown beside a failure. */
const SHOWN = 10;
/** Diagnostics of each test inside it. */
const SHOWN_OF_SUBTEST = 3;
/** Lines of the kernel's first report, whose registers are left out. */
const SHOWN_OF_REPORT = 60;

/** `folded`: registers and code bytes are left out, and a very long report is cut. */
export type ReportDetails = "whole" | "folded";

/**
 * The lines that tell most about a cell that did not pass: the last ones of the command's errors (or output) when it ended by
 * itself; else the kernel's console, from its first complaint on, or the end of it.
 */
export function failureLines(cell: CellResult, details: ReportDetails): string[] {
  const lines = mainLines(cell, details);
  const end = failedRun(cell.end);
  const verdict = cellVerdict(end);
  if (hasNothingToTell(verdict) || end.kind !== "ran") return lines;
  const place = end.guest === undefined ? [] : [`  guest   ${plainLine(describePlace(end.guest))}`];
  return [
    ...lines,
    ...place,
    ...describeFacts(end.failure, end.again ?? null).map(({ text }) => plainText(text)),
  ];
}

/** What passed, was not run, or failed as it was expected to. */
function hasNothingToTell(verdict: Verdict): boolean {
  return verdict === "passed" || verdict === "skipped" || verdict === "xfail";
}

function mainLines(cell: CellResult, details: ReportDetails): string[] {
  const end = failedRun(cell.end);
  const verdict = cellVerdict(end);
  if (hasNothingToTell(verdict) || end.kind !== "ran") return [];
  const { outcome, complaints } = end.result;
  if (outcome.kind === "exited" || outcome.kind === "signalled") {
    const inside = subtestLines(end.subtests);
    if (inside.length > 0) return inside;
    const errors = lastLines(end.stderr);
    return errors.length > 0 ? errors : lastLines(end.stdout);
  }
  if (outcome.kind !== "not-started" && end.failure !== null && end.failure.reports.length > 0) {
    return reportedLines(end.failure, details);
  }
  const console = linesOf(end.console);
  const complaint = complaints.at(0)?.line;
  const from = complaint === undefined ? -1 : console.findIndex((line) => line.includes(complaint));
  return from === -1 ? console.slice(-SHOWN) : console.slice(from, from + SHOWN);
}

/** The run that tells why: of a test that passed when it was tried again, the first one that did not. */
export function failedRun(end: CellEnd): CellEnd {
  return (end.kind === "ran" ? end.attempts?.failure : null) ?? end;
}

/** The first report, and the first lines of the others. */
function reportedLines({ reports, cwd, sources }: FailureReport, details: ReportDetails): string[] {
  const words = reports.flatMap((report, index) =>
    index === 0 || details === "whole"
      ? describeReport(report, { details, cwd, sources }).map(({ text }) => plainText(text))
      : [`and then: ${plainText(report.headline)}`],
  );
  if (details === "whole" || words.length <= SHOWN_OF_REPORT) return words;
  return [...words.slice(0, SHOWN_OF_REPORT), `... ${words.length - SHOWN_OF_REPORT} more lines (--full)`];
}

/**
 * What a person needs first of a cell that did not pass, in a line: the command's own last error, or what the kernel complained of first,
 * and where; else how it ended.
 */
export function failureMessage(cell: CellResult): string {
  const end = failedRun(cell.end);
  const ended = describeEnd(end);
  if (end.kind !== "ran") return ended;
  const { outcome } = end.result;
  if (outcome.kind === "exited" || outcome.kind === "signalled") {
    if (end.subtests !== undefined || end.lacks !== undefined) return ended;
    const last = lastLines(end.stderr).findLast((line) => line.trim() !== "");
    return last === undefined ? ended : `${last.trim()} (${ended})`;
  }
  if (outcome.kind === "not-started" || end.failure === null) return ended;
  return firstWords(end.failure) ?? ended;
}

/** The first tests inside that did not pass, each with its last diagnostics. */
function subtestLines(report: KtapReport | undefined): string[] {
  if (report === undefined) return [];
  const bad = badRows(report);
  const lines = bad.slice(0, SHOWN).flatMap((row) => {
    const reason = rowReason(row);
    const words = `${ktapWords[row.test.status]}: ${rowName(row)}${reason === "" ? "" : `: ${reason}`}`;
    return [words, ...row.test.diagnostics.slice(-SHOWN_OF_SUBTEST).map((line) => `  ${line}`)];
  });
  const more = bad.length - SHOWN;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].map((line) =>
    plainText(line).replaceAll("\n", " "),
  );
}

function lastLines(output: CapturedOutput): string[] {
  return linesOf(output).slice(-SHOWN);
}

function linesOf(output: CapturedOutput): string[] {
  const text = plainText(outputText(output)).trimEnd();
  return text === "" ? [] : text.split("\n");
}
