import { plainLine } from "@vm/command-plan";
import { textWidth } from "@vm/terminal";
import { durationText } from "../report/duration.js";
import { html, style, type Markup } from "../report/markup.js";
import { pageStyle } from "../report/html-style.js";
import type { History, HistoryRow } from "./history.js";

/** How a state is written; what wants attention in capitals. */
const words: { readonly [state in NonNullable<HistoryRow["states"][number]>]: string } = {
  passed: "passed",
  flaky: "FLAKY",
  expected: "xfail",
  failed: "FAILED",
  skipped: "skipped",
  "not-run": "not run",
};

/** Tests inside a test are told where they did not pass in every run; the JSON document has all. */
function shownRows({ rows }: History): HistoryRow[] {
  return rows.filter(({ path, trend }) => path.length === 1 || (trend !== "steady" && trend !== "none"));
}

/** The history as a table for a terminal or a log: a column for each run, the oldest first. */
export function renderHistory(history: History): string {
  const shown = shownRows(history);
  const head = ["KERNEL", "TEST", ...history.runs.map(({ file }) => plainLine(file)), "TREND"];
  const lines = shown.map((row) => [
    plainLine(row.kernel),
    plainLine(row.path.join(" / ")),
    ...row.states.map((state, index) => cellWords(state, row.durationsMs[index] ?? null)),
    row.trend === "none" ? "" : row.trend,
  ]);
  const table = [head, ...lines];
  const widths = head.map((_, column) => Math.max(...table.map((line) => textWidth(line[column] ?? ""))));
  const text = table.map((line) =>
    line
      .map((each, column) => each + " ".repeat((widths[column] ?? 0) - textWidth(each)))
      .join("  ")
      .trimEnd(),
  );
  const folded = history.rows.length - shown.length;
  const more = folded === 0 ? "" : `; ${folded} tests inside others passed in every run`;
  return `${text.join("\n")}\n\n${counts(history)}${more}\n`;
}

function cellWords(state: HistoryRow["states"][number], ms: number | null): string {
  if (state === null) return "-";
  return ms === null ? words[state] : `${words[state]} ${durationText(ms)}`;
}

function counts({ runs, rows }: History): string {
  const of = (trend: HistoryRow["trend"]): number => rows.filter((row) => row.trend === trend).length;
  return `${runs.length} runs: ${of("broke")} broke, ${of("fixed")} fixed, ${of("unstable")} unstable, ${of("failing")} failing, ${of("steady")} steady`;
}

/** The history as one HTML page, which loads nothing and runs no script. */
export function renderHistoryHtml(history: History): string {
  const { runs } = history;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>vm report: ${counts(history)}</title>
        ${style(pageStyle)}
      </head>
      <body>
        <main>
          <h1>${counts(history)}</h1>
          <h2>Tests by runs</h2>
          <div class="scroll" tabindex="0" role="region" aria-label="Tests by runs">
            <table>
              <thead>
                <tr>
                  <th scope="col">Kernel</th>
                  <th scope="col">Test</th>
                  ${runs.map(
                    ({ file, startedAt, kernels }) =>
                      html`<th scope="col">
                        <span class="name">${file}</span><small>${startedAt}</small>
                        <small>${kernels.join(", ")}</small>
                      </th>`,
                  )}
                  <th scope="col">Trend</th>
                </tr>
              </thead>
              <tbody>
                ${shownRows(history).map(historyRow)}
              </tbody>
            </table>
          </div>
        </main>
      </body>
    </html> `;
  return page.markup;
}

function stateClass(state: HistoryRow["states"][number]): string {
  if (state === "expected") return "xfail";
  return state === null || state === "not-run" ? "skipped" : state;
}

function historyRow({ kernel, path, states, durationsMs, trend }: HistoryRow): Markup {
  return html`<tr>
    <th scope="row"><span class="name">${kernel}</span></th>
    <td><span class="name">${path.join(" / ")}</span></td>
    ${states.map(
      (state, index) =>
        html`<td class="${stateClass(state)}">
          <span class="word">${cellWords(state, durationsMs[index] ?? null)}</span>
        </td>`,
    )}
    <td>${trend === "none" ? "" : trend}</td>
  </tr> `;
}
