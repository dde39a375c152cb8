import type { Verdict } from "../verdict.js";

export type Colours = "colours" | "plain";

/** SGR parameters. Source: ECMA-48, 8.3.117. */
export const verdictColours: { readonly [verdict in Verdict]: string } = {
  passed: "32",
  flaky: "1;33",
  xfail: "33",
  failed: "1;31",
  error: "1;35",
  skipped: "36",
};

export function paint(text: string, sgr: string, colours: Colours): string {
  return colours === "plain" ? text : `\u001b[${sgr}m${text}\u001b[0m`;
}
