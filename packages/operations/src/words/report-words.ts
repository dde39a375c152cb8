import { isAbsolute, relative } from "node:path";
import { quoteShell } from "@vm/command-plan";
import { frameName } from "@vm/kernel-report";
import type { FailureReport } from "../report/failure-report.js";
import type { Taint } from "../report/taint.js";
import type { DecodedFrame, DecodedLine, DecodedReport, SourcePlace } from "@vm/trace-decoder";

/** A line for a person's eyes. `headline`: what a person needs first; `folded`: says what is left out. */
export interface ReportWords {
  readonly text: string;
  readonly tone: "headline" | "place" | "frame" | "plain" | "folded";
}

/** How a report is shown. */
export interface ReportView {
  /** `folded`: registers and code bytes are left out. `brief`: what happened and where, for who has seen the lines already. */
  readonly details: "brief" | "folded" | "whole";
  /** Where the person stands: files below are named from there. */
  readonly cwd: string;
  /** Where the kernel's sources were: files below are named from there. */
  readonly sources: string | null;
}

/** A report, from what a person needs first: what happened, and where; then all of it. */
export function describeReport(report: DecodedReport, view: ReportView): ReportWords[] {
  const { headline, panic, place, lines, droppedLines } = report;
  return [
    { text: headline, tone: "headline" },
    ...(place === null ? [] : [{ text: `  at ${placeWords(place, view)}`, tone: "place" as const }]),
    ...(panic === null ? [] : [{ text: `  and then: ${panic}`, tone: "place" as const }]),
    ...(view.details === "brief" ? [] : [{ text: "", tone: "plain" as const }, ...reportLines(lines, view)]),
    ...(droppedLines === 0 || view.details === "brief"
      ? []
      : [{ text: `  ... ${droppedLines} more lines of it are not shown`, tone: "folded" as const }]),
  ];
}

/** So many reports are shown whole where they are folded; of the others the first line. */
const WHOLE_REPORTS = 3;

/**
 * Why a run did not pass: what the kernel complained of first, and where; then all of it, what ran, and how to run it again.
 * @param again the words of the command line
 */
export function describeFailure(
  { reports, kernel, taint, cwd, sources }: FailureReport,
  again: readonly string[],
  details: ReportView["details"],
): ReportWords[] {
  const view = { details, cwd, sources };
  const whole = details === "whole" ? reports.length : WHOLE_REPORTS;
  const words = reports
    .slice(0, whole)
    .flatMap((report, index): ReportWords[] => [
      ...(index === 0 ? [] : [{ text: "", tone: "plain" as const }]),
      ...describeReport(report, view),
    ]);
  const others = reports
    .slice(whole)
    .map(({ headline }): ReportWords => ({ text: headline, tone: "headline" }));
  if (others.length > 0) words.push({ text: "", tone: "plain" }, ...others);
  if (words.length > 0) words.push({ text: "", tone: "plain" });
  words.push(...describeFacts({ kernel, taint }, again));
  return words;
}

/** What ran, whether it was tainted, and how to run it again: a line each. @param failure null where nothing is known of it */
export function describeFacts(
  failure: Pick<FailureReport, "kernel" | "taint"> | null,
  again: readonly string[] | null,
): ReportWords[] {
  const words: ReportWords[] = [];
  const fact = (name: string, value: string): void => {
    words.push({ text: `  ${name.padEnd(7)} ${value}`, tone: "plain" });
  };
  if (failure !== null) {
    const { kernel, taint } = failure;
    fact("kernel", kernel.commit === null ? kernel.release : `${kernel.release} (${kernel.commit})`);
    if (taint !== null) fact("taint", taintWords(taint));
  }
  if (again !== null) fact("again", again.map(quoteShell).join(" "));
  return words;
}

function taintWords({ before, after }: Taint): string {
  return `before: ${flagWords(before)}; after: ${flagWords(after)}`;
}

function flagWords(flags: readonly string[]): string {
  return flags.length === 0 ? "none" : flags.join(", ");
}

/** Lines of a report, each with the lines of source text that it names. */
export function reportLines(lines: readonly DecodedLine[], view: ReportView): ReportWords[] {
  const words: ReportWords[] = [];
  let folded = 0;
  const unfold = (): void => {
    if (folded > 0) {
      const count = folded === 1 ? "a line" : `${folded} lines`;
      words.push({ text: `  ... ${count} of registers and code bytes (--full)`, tone: "folded" });
    }
    folded = 0;
  };
  for (const line of lines) {
    if (view.details === "folded" && (line.role === "registers" || line.role === "code")) {
      folded += 1;
      continue;
    }
    unfold();
    words.push({ text: `  ${withPlaces(line, view)}`, tone: line.role === "frame" ? "frame" : "plain" });
  }
  unfold();
  return words;
}

/** What a person needs first, in a line: what the kernel complained of, and where. Null where it did not. */
export function firstWords({ reports, cwd, sources }: FailureReport): string | null {
  const [first] = reports;
  if (first === undefined) return null;
  return first.place === null
    ? first.headline
    : `${first.headline}, at ${placeWords(first.place, { cwd, sources })}`;
}

/** `hello_init+0x12/0x90 [hello] (modules/hello/hello.c:31)`; where nothing is known of it, without the brackets. */
function placeWords(frame: DecodedFrame, view: Pick<ReportView, "cwd" | "sources">): string {
  const { module, places } = frame;
  const name = `${frameName(frame)}${module === null ? "" : ` [${module}]`}`;
  const [first] = places;
  return first === undefined ? name : `${name} (${functionWords(frame)}${sourceWords(first, view)})`;
}

/** The function's name, where the kernel itself did not say it. */
function functionWords({ address, places }: DecodedFrame): string {
  const name = address === null ? null : places.at(-1)?.function;
  return name === null || name === undefined ? "" : `${name} `;
}

/** The line of the console, with `(FILE:LINE)` behind each place that it names; of inlined calls the innermost first. */
function withPlaces({ raw, frames }: DecodedLine, view: ReportView): string {
  let text = raw;
  let from = 0;
  for (const frame of frames) {
    const { module, places } = frame;
    const named = frameName(frame);
    const at = text.indexOf(named, from);
    if (at === -1) continue;
    const rest = text.slice(at + named.length);
    const own = module === null ? 0 : (/^ \[[^\]]*\]/.exec(rest)?.[0].length ?? 0);
    from = at + named.length + own;
    if (places.length === 0) continue;
    const words = ` (${functionWords(frame)}${places.map((place) => sourceWords(place, view)).join(" ")})`;
    text = text.slice(0, from) + words + text.slice(from);
    from += words.length;
  }
  return text;
}

/** A path that an editor finds from where the person stands; of the kernel's own sources as the kernel's developers write it. */
function sourceWords(
  { file, line }: SourcePlace,
  { cwd, sources }: Pick<ReportView, "cwd" | "sources">,
): string {
  const near = below(cwd, file);
  const own = sources === null ? null : below(sources, file);
  return `${near ?? own ?? file}:${line}`;
}

function below(directory: string, file: string): string | null {
  if (!isAbsolute(file)) return null;
  const path = relative(directory, file);
  return path === "" || path.startsWith("..") || isAbsolute(path) ? null : path;
}
