import { plainLine } from "@vm/command-plan";
import type { ReportWords } from "./report-words.js";

/** SGR parameters. Source: ECMA-48, 8.3.117. */
const TONES: Readonly<Record<ReportWords["tone"], string | null>> = {
  headline: "1;31",
  place: "1",
  frame: null,
  plain: null,
  folded: "2",
};

/** A line of a report for a terminal; what the guest wrote has no say in colours. */
export function paintedLine({ text, tone }: ReportWords, colours: "colours" | "plain"): string {
  const plain = plainLine(text);
  const sgr = TONES[tone];
  return colours === "plain" || sgr === null || plain === "" ? plain : `\u001b[${sgr}m${plain}\u001b[0m`;
}
