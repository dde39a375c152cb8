import { plainLine, plainText } from "@vm/command-plan";
import { outputText } from "../capture.js";
import type { CellResult, KernelRow, MatrixResult } from "../result.js";
import { cellVerdict, countVerdicts, describeEnd, endType } from "../verdict.js";
import { failureMessage } from "./failure-lines.js";
import { failureText } from "./failure-text.js";
import { escapeMarkup } from "./markup.js";

/**
 * The result as JUnit XML: a suite for each kernel, a case for each test. `failed` is a `<failure>`, `error` an `<error>`;
 * both have the reason, the kernel's complaints and the end of its console as their text.
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
    { name: "vm test", ...countAttributes(cells, "disabled"), time: seconds(durationMs) },
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
  ];
  return element(
    "testsuite",
    {
      name: kernel.name,
      id: String(index),
      ...countAttributes(cells, "skipped"),
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
      ...cells.map(renderCase),
    ],
  );
}

function renderCase(cell: CellResult): string {
  const { kernel, test, end } = cell;
  const message = plainLine(describeEnd(end));
  const children: string[] = [];
  const verdict = cellVerdict(end);
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

function countAttributes(
  cells: readonly CellResult[],
  skippedName: "disabled" | "skipped",
): { readonly [name: string]: string } {
  const { failed, error, skipped } = countVerdicts(cells);
  return {
    tests: String(cells.length),
    failures: String(failed),
    errors: String(error),
    [skippedName]: String(skipped),
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
