import { plainLine, plainText } from "@vm/command-plan";
import { outputText } from "../capture.js";
import type { CellResult, KernelRow, MatrixResult } from "../result.js";
import { cellVerdict, countVerdicts, describeEnd, endType, ktapWords, type Verdict } from "../verdict.js";
import { failureMessage } from "./failure-lines.js";
import { failureText } from "./failure-text.js";
import { escapeMarkup } from "./markup.js";
import { rowName, rowReason, subtestRows } from "./subtest-rows.js";

/**
 * The result as JUnit XML: a suite for each kernel, a case for each test. `failed` is a `<failure>`, `error` an `<error>`;
 * both have the reason, the kernel's complaints and the end of its console as their text.
 *
 * What failed as expected is `<skipped>` with the reason as its message: JUnit has no word for it.
 *
 * The dialect is the one that Jenkins and GitLab read and Maven's Surefire writes (testsuites, testsuite, properties,
 * testcase with failure, error or skipped, system-out, system-err).
 */
export function renderJunit(result: MatrixResult): string {
  const { cells, kernels, durationMs } = result;
  const suites = kernels.map((kernel, index) =>
    renderSuite({ kernel, index, result, cells: cells.filter((cell) => cell.kernel === kernel.name) }),
  );
  const root = element(
    "testsuites",
    { name: "vm test", ...countAttributes(cells, "disabled", result.flaky), time: seconds(durationMs) },
    suites,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
}

function renderSuite({
  kernel,
  index,
  result,
  cells,
}: {
  readonly kernel: KernelRow;
  readonly index: number;
  readonly result: MatrixResult;
  readonly cells: readonly CellResult[];
}): string {
  const ran = cells.flatMap(({ end }) => (end.kind === "ran" ? [end] : []));
  const started = ran.map(({ startedAt }) => startedAt.getTime());
  const timestamp = new Date(started.length > 0 ? Math.min(...started) : result.startedAt);
  const properties: readonly (readonly [name: string, value: string | null])[] = [
    ["kernel.given", kernel.given],
    ["kernel.release", ran.find((end) => end.result.release !== null)?.result.release ?? kernel.release],
    ["kernel.tree", kernel.tree],
    ["kernel.image", kernel.image],
    ...kernel.warnings.map((warning) => ["kernel.warning", warning] as const),
    ...(result.shuffle === undefined ? [] : [["seed", String(result.shuffle.seed)] as const]),
    ...cells
      .filter(({ end }) => cellVerdict(end) === "flaky")
      .map(({ test, end }) => ["test.flaky", `${test}: ${describeEnd(end)}`] as const),
    ...(result.expectations?.passed ?? [])
      .filter((line) => line.kernel === kernel.name)
      .map(({ pattern, line }) => ["test.unexpected-pass", `${pattern} (line ${line})`] as const),
  ];
  return element(
    "testsuite",
    {
      name: kernel.name,
      id: String(index),
      ...countAttributes(cells, "skipped", result.flaky),
      time: seconds(ran.reduce((sum, end) => sum + end.result.durations.totalMs, 0)),
      timestamp: timestamp.toISOString().replace(/\.\d+Z$/, ""),
    },
    [
      element(
        "properties",
        {},
        properties.flatMap(([name, value]) =>
          value === null ? [] : [element("property", { name, value }, [])],
        ),
      ),
      ...cells.flatMap((cell) => [renderCase(cell, result.flaky), ...renderSubtests(cell)]),
    ],
  );
}

/** JUnit has no word for a test that passed when it was tried again: it is a property of the suite. */
function caseVerdict({ end }: CellResult, flaky: MatrixResult["flaky"]): Exclude<Verdict, "flaky"> {
  const verdict = cellVerdict(end);
  if (verdict !== "flaky") return verdict;
  return flaky === "fail" ? "failed" : "passed";
}

function renderCase(cell: CellResult, flaky: MatrixResult["flaky"]): string {
  const { kernel, test, end } = cell;
  const message = plainLine(describeEnd(end));
  const children: string[] = [];
  const verdict = caseVerdict(cell, flaky);
  switch (verdict) {
    case "passed":
      break;
    case "failed":
    case "error": {
      const tag = verdict === "failed" ? "failure" : "error";
      const first = plainLine(failureMessage(cell));
      children.push(element(tag, { message: first, type: endType(end) }, text(failureText(cell))));
      break;
    }
    case "xfail":
    case "skipped":
      children.push(element("skipped", { message }, []));
      break;
    default:
      verdict satisfies never;
  }
  if (end.kind === "ran") {
    for (const [tag, output] of [
      ["system-out", end.stdout],
      ["system-err", end.stderr],
    ] as const) {
      const content = outputText(output);
      if (content !== "") children.push(element(tag, {}, text(content)));
    }
  }
  const totalMs = end.kind === "ran" ? end.result.durations.totalMs : 0;
  return element("testcase", { name: test, classname: kernel, time: seconds(totalMs) }, children);
}

/** The tests inside a command are cases behind its own; the class is `KERNEL / TEST`. */
function renderSubtests({ kernel, test, end }: CellResult): string[] {
  if (end.kind !== "ran" || end.subtests === undefined) return [];
  return subtestRows(end.subtests).map((row) => {
    const { status, count = 1, directive, diagnostics } = row.test;
    const said = rowReason(row);
    const message = plainLine(`${ktapWords[status]}${said === "" ? "" : `: ${said}`}`);
    const children: string[] = [];
    if (status === "failed" || status === "unfinished") {
      const type = directive?.toLowerCase() ?? status;
      children.push(element("failure", { message, type }, text(diagnostics.join("\n"))));
    } else if (status !== "passed") {
      children.push(element("skipped", { message }, []));
    }
    const name = `${rowName(row)}${count === 1 ? "" : ` (${count} tests)`}`;
    return element("testcase", { name, classname: `${kernel} / ${test}`, time: seconds(0) }, children);
  });
}

function countAttributes(
  cells: readonly CellResult[],
  skippedName: "disabled" | "skipped",
  policy: MatrixResult["flaky"],
): { readonly [name: string]: string } {
  const { failed: failing, flaky, error, skipped, xfail } = countVerdicts(cells);
  const failed = failing + (policy === "fail" ? flaky : 0);
  const rows = cells.flatMap(({ end }) =>
    end.kind === "ran" && end.subtests !== undefined ? subtestRows(end.subtests) : [],
  );
  const failedRows = rows.filter(({ test: { status } }) => status === "failed" || status === "unfinished");
  const skippedRows = rows.filter(
    ({ test: { status } }) => status !== "failed" && status !== "unfinished" && status !== "passed",
  );
  return {
    tests: String(cells.length + rows.length),
    failures: String(failed + failedRows.length),
    errors: String(error),
    [skippedName]: String(skipped + xfail + skippedRows.length),
  };
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/** Children are elements, each on lines of its own; or text, to which not even a newline may be added. */
function element(
  name: string,
  attributes: { readonly [name: string]: string },
  children: readonly string[] | Text,
): string {
  const head = [
    name,
    ...Object.entries(attributes).map(([key, value]) => `${key}="${escapeMarkup(plainLine(value))}"`),
  ].join(" ");
  if ("text" in children) return `<${head}>${children.text}</${name}>\n`;
  return children.length === 0 ? `<${head}/>\n` : `<${head}>\n${children.join("")}</${name}>\n`;
}

interface Text {
  readonly text: string;
}

function text(content: string): Text {
  return { text: escapeMarkup(plainText(content)) };
}
