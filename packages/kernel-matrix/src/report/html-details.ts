import { quoteShell, plainText } from "@vm/command-plan";
import { describeFacts, describeReport, type FailureReport } from "@vm/operations";
import { outputText, type CapturedOutput } from "../capture.js";
import type { AttemptLog, CellEnd } from "../result.js";
import { cellVerdict, describeEnd, describePlace, describeTaint } from "../verdict.js";
import { cellDurationMs, durationText } from "./duration.js";
import { verdictLabels, verdictSigns, type PlacedCell } from "./html-grid.js";
import { htmlSubtests } from "./html-subtests.js";
import { html, type Markup } from "./markup.js";
import { spans, spanWords, timelineBar } from "./timeline.js";

/** All there is to say about a cell, folded: the line that stays visible is its summary. */
export function htmlDetails({ kernel, test, end, id, place }: PlacedCell): Markup {
  const verdict = cellVerdict(end);
  const duration = cellDurationMs(end);
  return html`<details class="cell ${verdict}" data-verdict="${verdict}">
    <summary>
      <span class="badge ${verdict}"
        ><span aria-hidden="true">${verdictSigns[verdict]} </span>${verdictLabels[verdict]}</span
      >
      <b class="name">${kernel}</b> ·
      <span class="name">${place === "whole-row" ? "every test" : test}</span
      >${duration === null ? null : html` <span class="quiet">${durationText(duration)}</span>`}${verdict === "passed" ? null : html`<br />${describeEnd(end)}`}
    </summary>
    <div class="inside" id="${id}">
      <a class="here" href="#${id}">Link to this</a>${inside(end, `${kernel}, ${test}`)}
    </div>
  </details> `;
}

function inside(end: CellEnd, label: string): Markup {
  switch (end.kind) {
    case "ran":
      return ranInside(end, label);
    case "unusable":
    case "broken":
      return html`<dl>
        <dt>Code</dt>
        <dd><code>${end.problem.code}</code></dd>
        ${
          end.problem.hint === undefined
            ? null
            : html`<dt>What to do</dt>
                <dd>${end.problem.hint}</dd>`
        }
      </dl> `;
    case "skipped":
      return html`<p>${end.reason}</p> `;
    default:
      return end satisfies never;
  }
}

function ranInside(
  {
    result,
    stdout,
    stderr,
    console,
    failure,
    subtests,
    attempts,
    guest,
    taint,
    again,
  }: Extract<CellEnd, { kind: "ran" }>,
  label: string,
): Markup {
  const { complaints, durations, release, argv, qemuStderr, outcome } = result;
  const lines = complaints.map(({ line }) => line);
  return html`${argv.length === 0 ? null : timelineBar(durations, durations.totalMs)}
    <dl>
      <dt>Outcome</dt>
      <dd>${outcome.kind}</dd>
      ${
        release === null
          ? null
          : html`<dt>Release in the guest</dt>
              <dd><code>${release}</code></dd>`
      }${
        argv.length === 0
          ? null
          : html`<dt>Time</dt>
              <dd>
                ${durationText(durations.totalMs)}:
                ${spans(durations)
                  .map(({ name, fromMs, toMs }) => `${spanWords[name]} ${durationText(toMs - fromMs)}`)
                  .join(", ")}
              </dd>`
      }${
        guest === undefined
          ? null
          : html`<dt>Guest</dt>
              <dd>${describePlace(guest)}</dd>`
      }${
        taint === undefined
          ? null
          : html`<dt>Taint</dt>
              <dd>${describeTaint(taint)}</dd>`
      }
    </dl>
    ${attempts === undefined ? null : htmlAttempts(attempts, label)}${subtests === undefined ? null : htmlSubtests(subtests)}${
      complaints.length === 0
        ? null
        : html`<h3>The kernel complained</h3>
            <ul class="plain">
              ${complaints.map(({ kind, line }) => html`<li>${kind}: <code>${line}</code></li>`)}
            </ul> `
    }${failure === null ? null : failure.reports.map((report) => reported(report, failure, label))}${failure === null ? null : failure.excerpts.map(excerpt)}${
      failure === null
        ? null
        : html`<h3>The kernel, and how to run it again</h3>
            <pre class="facts-of-run">
${describeFacts(failure, again ?? null)
  .map(({ text }) => text.trim())
  .join("\n")}</pre> `
    }${output("Standard error", stderr, label)}${output("Standard output", stdout, label)}${output(
      "Console of the kernel",
      console,
      label,
      lines,
    )}${
      qemuStderr === ""
        ? null
        : html`<h3>QEMU said</h3>
            <div class="output"><pre>${qemuStderr}</pre></div> `
    }${
      argv.length === 0
        ? null
        : html`<details>
            <summary class="quiet">QEMU's command line</summary>
            <pre>${argv.map(quoteShell).join(" ")}</pre>
          </details> `
    }`;
}

/** All runs of the test, and the first one that did not pass where another has. */
function htmlAttempts({ total, passed, list, failure }: AttemptLog, label: string): Markup {
  const more = total - list.length;
  return html`<details>
      <summary class="quiet">${passed} of ${total} runs passed</summary>
      <ol>
        ${list.map(
          ({ verdict, reason, durationMs }) =>
            html`<li>
              ${verdictLabels[verdict]}${durationMs === null ? null : `, ${durationText(durationMs)}`}${verdict === "passed" ? null : `: ${reason}`}
            </li>`,
        )}
      </ol>
      ${more > 0 ? html`<p>and ${more} more</p>` : null}
    </details>
    ${
      failure === null
        ? null
        : html`<details class="cell failed">
            <summary>The first run that did not pass: ${describeEnd(failure)}</summary>
            <div class="inside">${ranInside(failure, `${label}, a run that did not pass`)}</div>
          </details>`
    }`;
}

/** A report of the kernel, with the lines of its source. */
function reported(
  report: FailureReport["reports"][number],
  { cwd, sources }: FailureReport,
  label: string,
): Markup {
  const words = describeReport(report, { details: "whole", cwd, sources });
  return html`<h3>The kernel reported</h3>
    <div class="output" tabindex="0" role="region" aria-label="The kernel's report: ${label}">
      <pre>${plainText(words.map(({ text }) => text).join("\n"))}</pre>
    </div> `;
}

/** Source text around a place, with the line that is meant marked. */
function excerpt({ file, line, firstLine, lines }: FailureReport["excerpts"][number]): Markup {
  const width = String(firstLine + lines.length).length;
  return html`<h3><code>${file}:${line}</code></h3>
    <pre class="source">
${lines.map((text, index) => {
  const number = firstLine + index;
  const shown = `${String(number).padStart(width)}  ${text}`;
  return number === line ? html`<mark>${shown}</mark>${"\n"}` : html`${shown}${"\n"}`;
})}</pre> `;
}

/** A stream with its end in sight; lines that hold one of `marked` stand out. */
function output(
  title: string,
  captured: CapturedOutput,
  label: string,
  marked: readonly string[] = [],
): Markup | null {
  const text = plainText(outputText(captured)).trimEnd();
  if (text === "") return null;
  const lines = text.split("\n").map((line, index, { length }) => {
    const end = index === length - 1 ? "" : "\n";
    return marked.some((part) => line.includes(plainText(part)))
      ? html`<mark>${line}</mark>${end}`
      : html`${line}${end}`;
  });
  return html`<h3>${title}</h3>
    <div class="output" tabindex="0" role="region" aria-label="${title}: ${label}">
      <pre>${lines}</pre>
    </div> `;
}
