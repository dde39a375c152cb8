import type { CellResult, KernelRow, MatrixResult } from "../result.js";
import { cellVerdict, describeEnd, type Verdict } from "../verdict.js";
import { cellDurationMs, durationText } from "./duration.js";
import { html, type Markup } from "./markup.js";
import { spanWords, timelineBar } from "./timeline.js";

/** Signs that tell the verdicts apart without colour. */
export const verdictSigns: { readonly [verdict in Verdict]: string } = {
  passed: "\u2713",
  flaky: "\u223c",
  xfail: "\u00d7",
  failed: "\u2717",
  error: "!",
  skipped: "\u2013",
};

export const verdictLabels: { readonly [verdict in Verdict]: string } = {
  passed: "passed",
  flaky: "flaky",
  xfail: "failed as expected",
  failed: "failed",
  error: "not run",
  skipped: "skipped",
};

/** A cell with where its details are in the page. */
export interface PlacedCell extends CellResult {
  /** The id of the element inside its `<details>`: going there opens it. */
  readonly id: string;
  readonly hasDetails: boolean;
  /** `whole-row`: it and the others of its kernel have the same to say, and share a place. */
  readonly place: "cell" | "whole-row";
}

/** From here on a cell has no bar, and what passed no details: a page has to be opened in a second. */
export const LARGE = 1000;

/** Cells that are drawn together, when they come into sight. */
const CELLS_OF_PART = 1000;

/**
 * The grid of kernels by tests, with a bar for each guest's life. Where there are far more tests than kernels a test has a row, as a page can
 * be as long as it likes, and not as wide.
 */
export function htmlGrid(
  { kernels, tests }: Pick<MatrixResult, "kernels" | "tests">,
  cells: readonly PlacedCell[],
): Markup {
  const scaleMs = cells.length > LARGE ? 0 : Math.max(0, ...cells.map(({ end }) => cellDurationMs(end) ?? 0));
  const byKernel = new Map(kernels.map(({ name }) => [name, new Map<string, PlacedCell>()]));
  for (const cell of cells) byKernel.get(cell.kernel)?.set(cell.test, cell);
  const rowOf = (name: string): ReadonlyMap<string, PlacedCell> => byKernel.get(name) ?? new Map();
  const isLong = tests.length > 20 && tests.length > kernels.length;
  const rows = isLong
    ? tests.map(({ name }) =>
        gridRow(
          html`<th scope="row"><span class="name">${name}</span></th>`,
          kernels.map((kernel) => rowOf(kernel.name).get(name)),
          scaleMs,
        ),
      )
    : kernels.map((kernel) => {
        const row = tests.map(({ name }) => rowOf(kernel.name).get(name));
        return gridRow(rowHead(kernel, row), row, scaleMs, wholeRow(row));
      });
  const columns = (isLong ? kernels : tests).map(({ name }) => name);
  return html`${parts(rows, columns.length).map((part, index) => gridPart(part, columns, { first: isLong ? "Test" : "Kernel", number: index + 1 }))}
  ${scaleMs === 0 ? null : legend(scaleMs)}`;
}

function parts(rows: readonly Markup[], columns: number): (readonly Markup[])[] {
  const size = Math.max(1, Math.floor(CELLS_OF_PART / Math.max(1, columns)));
  const count = Math.max(1, Math.ceil(rows.length / size));
  return Array.from({ length: count }, (_, index) => rows.slice(index * size, (index + 1) * size));
}

function gridPart(
  rows: readonly Markup[],
  columns: readonly string[],
  { first, number }: { readonly first: string; readonly number: number },
): Markup {
  return html`<div
    class="scroll"
    data-part=""
    tabindex="0"
    role="region"
    aria-label="Results, part ${number}"
  >
    <table class="grid" style="--tests: ${columns.length}">
      <thead>
        <tr>
          <th scope="col">${first}</th>
          ${columns.map((name) => html`<th scope="col"><span class="name">${name}</span></th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div> `;
}

function gridRow(
  head: Markup,
  row: readonly (PlacedCell | undefined)[],
  scaleMs: number,
  whole: Markup | null = null,
): Markup {
  const found = new Set(row.flatMap((cell) => (cell === undefined ? [] : [cellVerdict(cell.end)])));
  return html`<tr data-verdict="${[...found].join(" ")}">
    ${head}${whole ?? row.map((cell) => gridCell(cell, scaleMs))}
  </tr> `;
}

function rowHead({ name, release }: KernelRow, row: readonly (PlacedCell | undefined)[]): Markup {
  const told = row.flatMap((cell) =>
    cell?.end.kind === "ran" && cell.end.result.release !== null ? [cell.end.result.release] : [],
  );
  const shown = told[0] ?? release;
  return html`<th scope="row">
    <span class="name">${name}</span>${shown === null ? null : html`<small>${shown}</small>`}
  </th>`;
}

/** One cell across the row, where the kernel itself is the reason for all of it. */
function wholeRow(row: readonly (PlacedCell | undefined)[]): Markup | null {
  const [first] = row;
  if (first === undefined || first.place !== "whole-row") return null;
  return html`<td class="error" colspan="${row.length}">${cellContent(first)}</td>`;
}

function gridCell(cell: PlacedCell | undefined, scaleMs: number): Markup {
  if (cell === undefined) return html`<td></td>`;
  const { end } = cell;
  const bar =
    scaleMs > 0 && end.kind === "ran" && cellDurationMs(end) !== null
      ? timelineBar(end.result.durations, scaleMs)
      : null;
  return html`<td class="${cellVerdict(end)}">${cellContent(cell)}${bar}</td>`;
}

function cellContent({ end, id, hasDetails, kernel, test }: PlacedCell): Markup {
  const verdict = cellVerdict(end);
  const duration = cellDurationMs(end);
  const content = html`${duration === null ? null : html`<span class="time">${durationText(duration)}</span>`}<span
      class="word"
      ><span aria-hidden="true">${verdictSigns[verdict]} </span>${verdictLabels[verdict]}</span
    >${verdict === "passed" ? null : html`<span class="why">${describeEnd(end)}</span>`}`;
  return hasDetails ? html`<a href="#${id}" title="${kernel}: ${test}">${content}</a>` : content;
}

function legend(scaleMs: number): Markup {
  const names = ["firmware", "boot", "command", "end"] as const;
  return html`<ul class="legend" aria-label="What the bars show">
    ${names.map((name) => html`<li><span class="swatch ${name}"></span>${spanWords[name]}</li>`)}
    <li>a full bar is ${durationText(scaleMs)}</li>
  </ul>`;
}
