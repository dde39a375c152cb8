import type { KtapDirective } from "./ktap-report.js";

/** A line of KTAP by its kind, without its indentation. */
export type KtapLine =
  | { readonly kind: "version"; readonly version: string }
  | { readonly kind: "plan"; readonly count: number; readonly skip: string | null }
  | {
      readonly kind: "result";
      readonly ok: boolean;
      /** Null where the line has none, as TAP allows. */
      readonly number: number | null;
      readonly description: string;
      readonly directive: KtapDirective | null;
      readonly reason: string | null;
    }
  | { readonly kind: "subtest"; readonly name: string }
  | { readonly kind: "bail-out"; readonly reason: string }
  | { readonly kind: "other" };

const VERSION = /^K?TAP version \d{1,9}$/;
const PLAN = /^1\.\.(\d{1,9})(?:\s+#\s*skip\S*\s*(.*)|\s*)$/i;
const RESULT = /^(not ok|ok)(?: (\d{1,9})(?= |$)(?: (.*))?| (- .*))$/;
const DIRECTIVE = /^(SKIP|TODO|XFAIL|TIMEOUT|ERROR)(?![A-Z_a-z])[:,]?\s*(.*)$/i;
const OTHER: KtapLine = { kind: "other" };

/** @param text a line without its indentation and its end */
export function readKtapLine(text: string): KtapLine {
  switch (text.charCodeAt(0)) {
    case 0x4b: // K
    case 0x54: // T
      return VERSION.test(text) ? { kind: "version", version: text } : OTHER;
    case 0x31: {
      const [, count, skip] = PLAN.exec(text) ?? [];
      return count === undefined
        ? OTHER
        : { kind: "plan", count: Number(count), skip: skip === undefined ? null : skip.trim() };
    }
    case 0x6e: // n
    case 0x6f: // o
      return readResult(text);
    case 0x23: {
      const [, name] = /^# Subtest: (.*)$/.exec(text) ?? [];
      return name === undefined ? OTHER : { kind: "subtest", name: name.trim() };
    }
    case 0x42: // B
      return text.startsWith("Bail out!") ? { kind: "bail-out", reason: text.slice(9).trim() } : OTHER;
    default:
      return OTHER;
  }
}

function readResult(text: string): KtapLine {
  const match = RESULT.exec(text);
  if (match === null) return OTHER;
  const [, result, number, words = match[4] ?? ""] = match;
  const { description, comment } = splitDescription(words.replace(/^- ?/, ""));
  const [, word, rest = ""] = DIRECTIVE.exec(comment ?? "") ?? [];
  const directive = word === undefined ? null : directiveOf(word);
  return {
    kind: "result",
    ok: result === "ok",
    number: number === undefined ? null : Number(number),
    // ksft_test_result_skip() and its like put the name behind the directive.
    description: description === "" && directive !== null ? rest : description,
    directive,
    reason: (directive === null ? comment : description === "" ? "" : rest) || null,
  };
}

/** The description ends at a `#` that stands by itself; one within a word (`C#`) or behind a backslash is part of it. */
function splitDescription(words: string): { description: string; comment: string | null } {
  const at = words.startsWith("# ") || words === "#" ? 0 : words.search(/\s#(?=\s|$)/);
  if (at === -1) return { description: words.trim().replaceAll("\\#", "#"), comment: null };
  return {
    description: words.slice(0, at).trim().replaceAll("\\#", "#"),
    comment: words.slice(at).trim().replace(/^#\s*/, ""),
  };
}

function directiveOf(word: string): KtapDirective {
  const upper = word.toUpperCase();
  return upper === "SKIP" || upper === "TODO" || upper === "XFAIL" || upper === "TIMEOUT" ? upper : "ERROR";
}
