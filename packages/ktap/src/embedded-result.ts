import { readKtapLine, type KtapLine } from "./ktap-line.js";

/** A result that stands behind other text on its line, as where a test wrote a line without an end before it. */
export interface EmbeddedResult {
  /** Which of the lines it is in. */
  readonly index: number;
  /** What stands before it. */
  readonly before: string;
  readonly line: Extract<KtapLine, { kind: "result" }>;
}

/**
 * Looks for the result of a test that has none of its own, by its number. Words such as `ok 2` stand in ordinary text as well, so nobody asks
 * for a number that is not missing.
 */
export function findEmbeddedResult(lines: readonly string[], number: number): EmbeddedResult | null {
  const form = new RegExp(`(?<![\\w-])(?:not ok|(?<!not )ok) ${number}(?: |$)`, "g");
  for (const [index, text] of lines.entries()) {
    // The last one: what comes before is whatever the test wrote.
    const at = [...text.matchAll(form)].at(-1)?.index;
    if (at === undefined) continue;
    const line = readKtapLine(text.slice(at));
    if (line.kind === "result") return { index, before: text.slice(0, at).trimEnd(), line };
  }
  return null;
}
