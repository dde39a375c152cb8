import { isBad, type KtapReport } from "@vm/ktap";
import { describeSubtests, ktapWords } from "../verdict.js";
import { html, type Markup } from "./markup.js";
import { rowName, rowReason, subtestRows, type SubtestRow } from "./subtest-rows.js";

/** Rows that the page has of the tests that are no failures. */
const MOST_OTHERS = 10_000;

/** The tests inside a command: those that did not pass with what they said, the others folded. */
export function htmlSubtests(report: KtapReport): Markup {
  const rows = subtestRows(report);
  const bad = rows.filter(({ test }) => isBad(test.status));
  const others = rows.filter(({ test }) => !isBad(test.status));
  const more = others.length - MOST_OTHERS;
  return html`<h3>Tests inside it: ${describeSubtests(report)}</h3>
    ${
      report.problems.length === 0
        ? null
        : html`<ul class="plain">
            ${report.problems.map((each) => html`<li>${each}</li>`)}
          </ul>`
    }${bad.map(badRow)}${
      others.length === 0
        ? null
        : html`<details>
            <summary class="quiet">${others.length} that did not fail</summary>
            <ul class="plain">
              ${others.slice(0, MOST_OTHERS).map((row) => html`<li>${rowWords(row)}</li>`)}
            </ul>
            ${more > 0 ? html`<p>and ${more} more: the JSON report has them</p>` : null}
          </details>`
    }`;
}

function badRow(row: SubtestRow): Markup {
  const { diagnostics } = row.test;
  return html`<p><mark>${rowWords(row)}</mark></p>
    ${
      diagnostics.length === 0
        ? null
        : html`<div class="output" tabindex="0" role="region" aria-label="Diagnostics: ${rowName(row)}">
            <pre>${diagnostics.join("\n")}</pre>
          </div>`
    }`;
}

function rowWords(row: SubtestRow): string {
  const { status, count = 1 } = row.test;
  const reason = rowReason(row);
  return `${ktapWords[status]}: ${rowName(row)}${count === 1 ? "" : ` (${count} tests)`}${reason === "" ? "" : `: ${reason}`}`;
}
