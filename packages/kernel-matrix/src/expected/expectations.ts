import { resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { readRegularText } from "@vm/host-files";
import type { Expectation } from "./expectation-data.js";
import { RELEASE_FORM } from "./release-limit.js";

/** Which failures are known. */
export interface ExpectationList {
  /** As the person named it. */
  readonly file: string;
  readonly lines: readonly Expectation[];
}

/**
 * Reads a file of expected failures: `PATTERN # REASON` or `PATTERN # until RELEASE: REASON`, a line each; empty lines, and those that begin with
 * `#`, are none.
 *
 * @throws `EXPECTATIONS_UNREADABLE`; `EXPECTATIONS_INVALID` with the number of the first line that is wrong
 */
export function readExpectations(file: string, cwd: string): ExpectationList {
  let text: string;
  try {
    text = readRegularText(resolve(cwd, file));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError(
      "EXPECTATIONS_UNREADABLE",
      `the expected failures in ${file} cannot be read: ${reason}`,
      {
        hint: FORM,
        cause,
      },
    );
  }
  return { file, lines: parseExpectations(text, file) };
}

const FORM =
  "A line is PATTERN # REASON, or PATTERN # until RELEASE: REASON, such as timers*rtcpie # until 7.3: no RTC.";

/** @param file its name in messages @throws `EXPECTATIONS_INVALID` */
export function parseExpectations(text: string, file: string): Expectation[] {
  const found = new Map<string, Expectation>();
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const content = whole.trim();
    if (content === "" || content.startsWith("#")) continue;
    const line = index + 1;
    const wrong = (what: string): Error =>
      codedError("EXPECTATIONS_INVALID", `${file}:${line}: ${what}`, { hint: FORM });
    const read = readLine(content, line);
    if (typeof read === "string") throw wrong(read);
    const before = found.get(read.pattern);
    if (before !== undefined)
      throw wrong(`${JSON.stringify(read.pattern)} stands in line ${before.line} already`);
    found.set(read.pattern, read);
  }
  return [...found.values()];
}

/** The line, or what is wrong with it. */
function readLine(content: string, line: number): Expectation | string {
  const [, pattern, said = ""] = /^(.*?)\s+#(?:\s+(.*))?$/su.exec(content) ?? [];
  if (pattern === undefined || said === "") return "no reason behind the pattern (PATTERN # REASON)";
  // oxlint-disable-next-line no-control-regex -- such a line is of another file, or cut off
  if (/[\u0000-\u0008\u000e-\u001f\ufffd]/u.test(content)) return "it is no line of UTF-8 text";
  if (/^[*?\s]+$/.test(pattern)) return `${JSON.stringify(pattern)} fits every test there is`;
  if (!/^until(?:[\s:]|$)/.test(said)) return { line, pattern, reason: said, until: null };
  const [, until = "", reason = ""] = /^until\s+([^\s:]+)\s*:\s*(.*)$/su.exec(said) ?? [];
  if (!RELEASE_FORM.test(until))
    return `"until" wants a release such as 7.3 or 7.3-rc4, and a colon behind it`;
  return reason === "" ? `no reason behind "until ${until}:"` : { line, pattern, reason, until };
}
