import { expectationLines } from "../expected/expectation-words.js";
import { comparisonLines } from "../history/comparison-words.js";
import type { CellResult, KernelRow, MatrixResult, TestColumn } from "../result.js";
import { cellVerdict, countVerdicts, describeEnd, verdicts, type VerdictCounts } from "../verdict.js";
import { cellDurationMs, durationText } from "./duration.js";
import { htmlDetails } from "./html-details.js";
import { pageScript, scriptSource } from "./html-script.js";
import { htmlGrid, LARGE, verdictLabels, verdictSigns, type PlacedCell } from "./html-grid.js";
import { pageStyle } from "./html-style.js";
import { html, script, style, type Markup } from "./markup.js";

/**
 * The result as one HTML page: a grid of kernels by tests with the durations drawn, and for each cell the details, the
 * kernel's console among them. It loads nothing, runs one script of its own, without which all is shown, and follows the reader's light or
 * dark scheme.
 */
export function renderHtml(result: MatrixResult): string {
  const { kernels, tests, durationMs, startedAt, jobs, stoppedBy, shuffle } = result;
  const cells = placeCells(result);
  const counts = countVerdicts(cells);
  const good = counts.passed + counts.xfail + (result.flaky === "fail" ? 0 : counts.flaky);
  const known = counts.xfail === 0 ? "" : `, ${counts.xfail} failed as expected`;
  const flaky = counts.flaky === 0 ? "" : `, ${counts.flaky} of them only when tried again`;
  const headline =
    cells.length > 0 && good === cells.length
      ? `${counts.xfail === 0 ? `All ${cells.length} tests passed` : `${good - counts.xfail} of ${cells.length} tests passed`}${flaky}${known}`
      : `${good - counts.xfail} of ${cells.length} tests passed${result.flaky === "fail" ? "" : flaky}${known}`;
  const told = result.expectations === undefined ? [] : expectationLines(result.expectations);
  const detailed = cells.filter(({ hasDetails }) => hasDetails);
  const bad = detailed.filter(({ end }) => !["passed", "xfail"].includes(cellVerdict(end)));
  const expected = detailed.filter(({ end }) => cellVerdict(end) === "xfail");
  const passed = detailed.filter(({ end }) => cellVerdict(end) === "passed");
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; script-src ${scriptSource()}"
        />
        <title>vm test: ${headline}</title>
        ${style(pageStyle)}
      </head>
      <body>
        <main>
          <h1>${headline}</h1>
          <p class="facts">
            ${plural(kernels.length, "kernel")}, ${plural(tests.length, "test")} ·
            ${jobs === 1 ? "one guest at a time" : `at most ${jobs} guests at once`} ·
            ${durationText(durationMs)} · started
            <time datetime="${startedAt.toISOString()}"
              >${startedAt
                .toISOString()
                .replace("T", " ")
                .replace(/\.\d+Z$/, " UTC")}</time
            >${shuffle === undefined ? null : ` \u00b7 in the order of --seed ${shuffle.seed}`}${stoppedBy === null ? null : ` \u00b7 stopped by signal ${stoppedBy}`}
          </p>
          <ul class="counts">
            ${verdicts
              .filter((verdict) => counts[verdict] > 0)
              .map(
                (verdict) =>
                  html`<li>
                    <span class="badge ${verdict}"
                      ><span aria-hidden="true">${verdictSigns[verdict]} </span>${counts[verdict]}
                      ${verdictLabels[verdict]}</span
                    >
                  </li>`,
              )}
          </ul>
          ${
            result.comparison === undefined
              ? null
              : html`<h2>Against an older run</h2>
                  <pre>${comparisonLines(result.comparison).join("\n")}</pre>`
          }
          ${
            told.length === 0
              ? null
              : html`<h2>Expected failures</h2>
                  <ul class="plain">
                    ${told.map((line) => html`<li>${line}</li>`)}
                  </ul>`
          }
          ${tools(counts)}
          <h2>Kernels by tests</h2>
          ${htmlGrid(result, cells)}
          ${
            cells.length > LARGE
              ? html`<p class="quiet">
                  What passed is told in a line each, as there are so many: the JSON report has all of it.
                </p>`
              : null
          }
          ${section("What did not pass", bad.map(htmlDetails))}${section("What failed as expected", expected.map(htmlDetails))}${section("What passed", passed.map(htmlDetails))}
          <h2>Kernels</h2>
          <div class="scroll" tabindex="0" role="region" aria-label="Kernels">
            <table>
              <thead>
                <tr>
                  <th scope="col">Kernel</th>
                  <th scope="col">Given as</th>
                  <th scope="col">Build tree</th>
                  <th scope="col">Warnings</th>
                </tr>
              </thead>
              <tbody>
                ${kernels.map(kernelRow)}
              </tbody>
            </table>
          </div>
          <h2>Tests</h2>
          ${
            tests.length > LARGE
              ? html`<p class="quiet">Their commands are in the JSON report.</p>`
              : tests.map(testEntry)
          }
        </main>
        ${script(pageScript)}
      </body>
    </html> `;
  return page.markup;
}

function placeCells({ cells, kernels }: MatrixResult): PlacedCell[] {
  const rows = new Map(kernels.map(({ name }) => [name, [] as CellResult[]]));
  for (const cell of cells) rows.get(cell.kernel)?.push(cell);
  const isLarge = cells.length > LARGE;
  return kernels.flatMap(({ name }, kernel) => {
    const row = rows.get(name) ?? [];
    const whole = isWholeRow(row);
    return row.map((cell, test): PlacedCell => {
      const place = whole ? "whole-row" : "cell";
      // What is true of the kernel is told once.
      return {
        ...cell,
        place,
        id: `cell-${kernel + 1}-${test + 1}`,
        hasDetails: wantsDetails(cell, isLarge) && (!whole || test === 0),
      };
    });
  });
}

/** Whether the kernel itself is the reason, one and the same, that none of its tests had a guest. */
function isWholeRow(row: readonly CellResult[]): boolean {
  const reasons = new Set(row.map(({ end }) => describeEnd(end)));
  return (
    row.length > 1 &&
    reasons.size === 1 &&
    row.every(({ end }) => cellVerdict(end) === "error" && cellDurationMs(end) === null)
  );
}

function wantsDetails({ end }: CellResult, isLarge: boolean): boolean {
  if (end.kind !== "ran") return end.kind !== "skipped";
  if (cellVerdict(end) !== "passed") return true;
  if (end.taint !== undefined) return true;
  if (isLarge) return false;
  return end.stdout.head.length + end.stderr.head.length + end.result.complaints.length > 0;
}

/** What is shown, and how to go on: there when the script is. */
function tools(counts: VerdictCounts): Markup {
  return html`<div id="tools" role="search" aria-label="Find in this page" hidden="">
    <label>Find <input id="search" type="search" autocomplete="off" spellcheck="false" /></label>
    <fieldset>
      <legend>Show</legend>
      ${verdicts
        .filter((verdict) => counts[verdict] > 0)
        .map(
          (verdict) =>
            html`<label
              ><input type="checkbox" value="${verdict}" checked="" />${verdictLabels[verdict]}</label
            > `,
        )}
    </fieldset>
    <p class="quiet">
      Keys: <kbd>/</kbd> find, <kbd>n</kbd> and <kbd>p</kbd> the next and the previous that did not pass,
      <kbd>Esc</kbd> all
    </p>
    <p id="shown" role="status"></p>
  </div> `;
}

function section(title: string, entries: readonly Markup[]): Markup | null {
  if (entries.length === 0) return null;
  return html`<h2>${title}</h2>
    ${entries}`;
}

function kernelRow({ name, given, release, tree, warnings }: KernelRow): Markup {
  return html`<tr>
    <th scope="row">
      <span class="name">${name}</span>${release === null ? null : html`<small>${release}</small>`}
    </th>
    <td><code>${given}</code></td>
    <td><code>${tree ?? "\u2013"}</code></td>
    <td>
      ${
        warnings.length === 0
          ? html`<span class="quiet">none</span>`
          : html`<ul class="plain">
              ${warnings.map((warning) => html`<li>${warning}</li>`)}
            </ul>`
      }
    </td>
  </tr> `;
}

function testEntry({ name, file, command }: TestColumn): Markup {
  return html`<details class="cell">
    <summary>
      <span class="name">${name}</span>${file === null ? null : html` <span class="quiet">${file}</span>`}
    </summary>
    <div class="inside">
      <div class="output" tabindex="0" role="region" aria-label="Command: ${name}">
        <pre>${Buffer.from(command).toString("utf8")}</pre>
      </div>
    </div>
  </details> `;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
