import { plainLine } from "@vm/command-plan";
import { textWidth } from "@vm/terminal";
import type { CellResult, MatrixResult } from "../result.js";
import {
  cellVerdict,
  countVerdicts,
  describeEnd,
  describeSubtests,
  describeTaint,
  ktapWords,
  verdicts,
  type Verdict,
  type VerdictCounts,
} from "../verdict.js";
import { expectationLines } from "../expected/expectation-words.js";
import { comparisonLines } from "../history/comparison-words.js";
import { cellDurationMs, durationText } from "./duration.js";
import { paint, verdictColours, type Colours } from "./paint.js";
import { badRows, rowName, rowReason } from "./subtest-rows.js";

/** How each verdict is written; what wants attention in capitals. */
const verdictWords: { readonly [verdict in Verdict]: string } = {
  passed: "passed",
  flaky: "FLAKY",
  xfail: "xfail",
  failed: "FAILED",
  error: "ERROR",
  skipped: "skipped",
};

export interface TableSettings {
  /** Columns that the table may take; a wider grid becomes a list. */
  readonly width: number;
  readonly colours: Colours;
}

/** The result as a table for a terminal or a log: a grid where it is not too wide, else a line for each cell; then the totals. */
export function renderTable(result: MatrixResult, settings: TableSettings): string {
  const { colours, width } = settings;
  const grid = gridRows(result);
  const rows = widthOf(grid) <= width ? grid : listRows(result);
  const inside = [
    ...flakyLines(result),
    ...expectedLines(result),
    ...taintLines(result),
    ...subtestLines(result),
  ].map((line) => `${line}\n`);
  return `${alignRows(rows, colours).join("\n")}\n\n${inside.join("")}${inside.length === 0 ? "" : "\n"}${against(result)}${totals(result)}\n`;
}

/** What has changed since an older run. */
function against({ comparison }: MatrixResult): string {
  return comparison === undefined ? "" : `${comparisonLines(comparison).join("\n")}\n\n`;
}

function flakyLines({ cells }: MatrixResult): string[] {
  return cells
    .filter(({ end }) => cellVerdict(end) === "flaky")
    .map(({ kernel, test, end }) => plainLine(`${kernel} \u00b7 ${test}: ${describeEnd(end)}`));
}

/** What failed as expected and why, then what of the expectations is not so. */
function expectedLines({ cells, expectations }: MatrixResult): string[] {
  return [
    ...cells
      .filter(({ end }) => cellVerdict(end) === "xfail")
      .map(({ kernel, test, end }) => plainLine(`${kernel} \u00b7 ${test}: ${describeEnd(end)}`)),
    ...(expectations === undefined ? [] : expectationLines(expectations)),
  ];
}

function taintLines({ cells }: MatrixResult): string[] {
  return cells.flatMap(({ kernel, test, end }) =>
    end.kind === "ran" && end.taint !== undefined
      ? [plainLine(`${kernel} \u00b7 ${test}: ${describeTaint(end.taint)}`)]
      : [],
  );
}

/** Tests inside a cell's command that the table names; the reports have all. */
const SHOWN_SUBTESTS = 20;

/** The tests inside commands, folded: a line for each cell that has some, and those that did not pass below it. */
function subtestLines({ cells }: MatrixResult): string[] {
  return cells.flatMap(({ kernel, test, end }) => {
    if (end.kind !== "ran" || end.subtests === undefined) return [];
    const bad = badRows(end.subtests);
    const more = bad.length - SHOWN_SUBTESTS;
    return [
      plainLine(`${kernel} \u00b7 ${test}: ${describeSubtests(end.subtests)}`),
      ...bad.slice(0, SHOWN_SUBTESTS).map((row) => {
        const reason = rowReason(row);
        return plainLine(
          `    ${ktapWords[row.test.status]}: ${rowName(row)}${reason === "" ? "" : `: ${reason}`}`,
        );
      }),
      ...(more > 0 ? [`    and ${more} more`] : []),
    ];
  });
}

/** A piece of the table: text, and the verdict that gives it its colour. */
interface Piece {
  readonly text: string;
  readonly verdict?: Verdict;
}

function gridRows({ kernels, tests, cells }: MatrixResult): Piece[][] {
  const byKey = new Map(cells.map((cell) => [key(cell), cell]));
  return [
    ["KERNEL", ...tests.map(({ name }) => plainLine(name))].map((text) => ({ text })),
    ...kernels.map(({ name }) => [
      { text: plainLine(name) },
      ...tests.map((test): Piece => {
        const cell = byKey.get(key({ kernel: name, test: test.name }));
        if (cell === undefined) return { text: "" };
        return verdictPiece(cell);
      }),
    ]),
  ];
}

function verdictPiece({ end }: CellResult): Piece {
  const verdict = cellVerdict(end);
  const duration = cellDurationMs(end);
  const time = duration === null ? "" : ` ${durationText(duration)}`;
  return { text: `${verdictWords[verdict]}${time}`, verdict };
}

function listRows({ cells }: MatrixResult): Piece[][] {
  const head = ["KERNEL", "TEST", "RESULT"].map((text) => ({ text }));
  return [
    head,
    ...cells.map((cell) => [
      { text: plainLine(cell.kernel) },
      { text: plainLine(cell.test) },
      verdictPiece(cell),
    ]),
  ];
}

function key({ kernel, test }: { readonly kernel: string; readonly test: string }): string {
  return JSON.stringify([kernel, test]);
}

const GAP = "  ";

function columnWidths(rows: readonly (readonly Piece[])[]): number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => textWidth(row[column]?.text ?? ""))),
  );
}

function widthOf(rows: readonly (readonly Piece[])[]): number {
  const widths = columnWidths(rows);
  return widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
}

function alignRows(rows: readonly (readonly Piece[])[], colours: Colours): string[] {
  const widths = columnWidths(rows);
  return rows.map((row) =>
    row
      .map(({ text, verdict }, column) => {
        const painted = verdict === undefined ? text : paint(text, verdictColours[verdict], colours);
        return painted + " ".repeat((widths[column] ?? 0) - textWidth(text));
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** `5 passed, 1 failed of 6 in 12.3 s, at most 2 guests at once`. */
function totals({ cells, durationMs, jobs, stoppedBy, shuffle }: MatrixResult): string {
  const guests = jobs === 1 ? "one guest at a time" : `at most ${jobs} guests at once`;
  const stopped = stoppedBy === null ? "" : ` (stopped by signal ${stoppedBy})`;
  const order = shuffle === undefined ? "" : `, in the order of --seed ${shuffle.seed}`;
  return `${countsText(countVerdicts(cells))} of ${cells.length} in ${durationText(durationMs)}, ${guests}${order}${stopped}`;
}

const countWords: { readonly [verdict in Verdict]: string } = {
  passed: "passed",
  flaky: "flaky",
  xfail: "failed as expected",
  failed: "failed",
  error: "could not be run",
  skipped: "skipped",
};

/** `5 passed, 1 failed`: what there is none of is left out, but for passed. */
export function countsText(counts: VerdictCounts): string {
  return verdicts
    .filter((verdict) => verdict === "passed" || counts[verdict] > 0)
    .map((verdict) => `${counts[verdict]} ${countWords[verdict]}`)
    .join(", ");
}

/** One line on a cell that ended: verdict, kernel, test, time, and the reason where it did not pass. */
export function cellLine(cell: CellResult, colours: Colours): string {
  const { kernel, test, end } = cell;
  const verdict = cellVerdict(end);
  const word = paint(verdictWords[verdict].padEnd(7), verdictColours[verdict], colours);
  const duration = cellDurationMs(end);
  const time = duration === null ? "" : ` (${durationText(duration)})`;
  const reason = verdict === "passed" ? "" : `: ${plainLine(describeEnd(end))}`;
  return `${word} ${plainLine(kernel)} \u00b7 ${plainLine(test)}${time}${reason}`;
}
