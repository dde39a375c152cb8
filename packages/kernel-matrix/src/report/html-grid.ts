import type { CellResult, KernelRow, MatrixResult } from "../result.js";
import { cellVerdict, describeEnd, type Verdict } from "../verdict.js";
import { cellDurationMs, durationText } from "./duration.js";
import { html, type Markup } from "./markup.js";
import { spanWords, timelineBar } from "./timeline.js";

/** Signs that tell the verdicts apart without colour. */
export const verdictSigns: { readonly [verdict in Verdict]: string } = {
  passed: "\u2713",
  flaky: "\u223c",
  failed: "\u2717",
  error: "!",
  skipped: "\u2013",
};

export const verdictLabels: { readonly [verdict in Verdict]: string } = {
  passed: "passed",
  flaky: "flaky",
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

/** The grid of kernels by tests, with a bar for each guest's life. */
export function htmlGrid(
  { kernels, tests }: Pick<MatrixResult, "kernels" | "tests">,
  cells: readonly PlacedCell[],
): Markup {
  const scaleMs = Math.max(0, ...cells.map(({ end }) => cellDurationMs(end) ?? 0));
  const byTest = (row: readonly PlacedCell[]): (PlacedCell | undefined)[] =>
    tests.map(({ name }) => row.find(({ test }) => test === name));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Results">
      <table class="grid" style="--tests: ${tests.length}">
        <thead>
          <tr>
            <th scope="col">Kernel</th>
            ${tests.map(({ name }) => html`<th scope="col"><span class="name">${name}</span></th>`)}
          </tr>
        </thead>
        <tbody>
          ${kernels.map((kernel) => {
            const row = cells.filter((cell) => cell.kernel === kernel.name);
            return html`<tr>
              ${rowHead(kernel, row)}${wholeRow(row, tests.length) ?? byTest(row).map((cell) => gridCell(cell, scaleMs))}
            </tr> `;
          })}
        </tbody>
      </table>
    </div>
    ${scaleMs === 0 ? null : legend(scaleMs)}`;
}

function rowHead({ name, release }: KernelRow, row: readonly PlacedCell[]): Markup {
  const told = row.flatMap(({ end }) =>
    end.kind === "ran" && end.result.release !== null ? [end.result.release] : [],
  );
  const shown = told[0] ?? release;
  return html`<th scope="row">
    <span class="name">${name}</span>${shown === null ? null : html`<small>${shown}</small>`}
  </th>`;
}

/** One cell across the row, where the kernel itself is the reason for all of it. */
function wholeRow(row: readonly PlacedCell[], columns: number): Markup | null {
  const [first] = row;
  if (first === undefined || first.place !== "whole-row") return null;
  return html`<td class="error" colspan="${columns}">${cellContent(first)}</td>`;
}

function gridCell(cell: PlacedCell | undefined, scaleMs: number): Markup {
  if (cell === undefined) return html`<td></td>`;
  const { end } = cell;
  const bar =
    end.kind === "ran" && cellDurationMs(end) !== null ? timelineBar(end.result.durations, scaleMs) : null;
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
