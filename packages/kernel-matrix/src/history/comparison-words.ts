import { plainLine } from "@vm/command-plan";
import { durationText } from "../report/duration.js";
import type { ComparedRow, Comparison, TimedRow } from "./comparison-data.js";

/** Rows of each kind that are told; the JSON report has all. */
const SHOWN = 20;

/** A comparison in words, a line each. */
export function comparisonLines(comparison: Comparison): string[] {
  const { newFailures, fixed, stillFailing, added, vanished, slower, faster } = comparison;
  const kinds: readonly (readonly [word: string, rows: readonly ComparedRow[]])[] = [
    [newFailures.length === 1 ? "new failure" : "new failures", newFailures],
    ["fixed", fixed],
    ["still failing", stillFailing],
    ["new", added],
    ["vanished", vanished],
    ["slower", slower],
    ["faster", faster],
  ];
  const counts = kinds
    .filter(([, rows], index) => index === 0 || rows.length > 0)
    .map(([word, rows]) => `${rows.length} ${word}`);
  return [
    `Against ${comparison.file}: ${counts.join(", ")}`,
    ...rowLines("new failure", newFailures, ({ reason }) => reason),
    ...rowLines("fixed", fixed),
    ...rowLines("vanished", vanished),
    ...rowLines("slower", slower, timeWords),
    ...rowLines("faster", faster, timeWords),
  ].map((line) => plainLine(line));
}

function timeWords({ beforeMs, nowMs }: TimedRow): string {
  return `${durationText(beforeMs)} then, ${durationText(nowMs)} now`;
}

function rowLines<Row extends ComparedRow>(
  word: string,
  rows: readonly Row[],
  more: (row: Row) => string = () => "",
): string[] {
  const lines = rows.slice(0, SHOWN).map((row) => {
    const said = more(row);
    return `    ${word}: ${row.kernel} \u00b7 ${row.path.join(" / ")}${said === "" ? "" : `: ${said}`}`;
  });
  return rows.length > SHOWN ? [...lines, `    and ${rows.length - SHOWN} more`] : lines;
}
