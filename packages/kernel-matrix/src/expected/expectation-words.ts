import { plainLine } from "@vm/command-plan";
import type { CheckedLine, Expectation, ExpectationCheck } from "./expectation-data.js";

/** Lines of each kind that are told; the JSON report has all. */
const SHOWN = 20;

/** What of a list is not so, a line each. */
export function expectationLines({ file, passed, overdue, unmatched }: ExpectationCheck): string[] {
  const place = ({ line, pattern }: Expectation): string => `${pattern} (${file}:${line})`;
  const on = (each: CheckedLine): string => `${each.kernel} \u00b7 ${place(each)}`;
  return [
    ...shown(passed.map((each) => `expected to fail, and passed: ${on(each)}`)),
    ...shown(overdue.map((each) => `expected to fail until ${each.until}, and still does: ${on(each)}`)),
    ...shown(unmatched.map((each) => `expected to fail, and no test of this run: ${place(each)}`)),
  ].map((line) => plainLine(line));
}

function shown(lines: readonly string[]): string[] {
  return lines.length > SHOWN ? [...lines.slice(0, SHOWN), `and ${lines.length - SHOWN} more`] : [...lines];
}
