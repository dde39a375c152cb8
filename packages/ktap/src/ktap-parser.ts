import { findEmbeddedResult } from "./embedded-result.js";
import { DIAGNOSTICS_OF_A_TEST, keepDiagnostic, newBlock, type Block } from "./ktap-block.js";
import { readKtapLine, type KtapLine } from "./ktap-line.js";
import {
  countTests,
  isBad,
  MOST_TESTS,
  OVERFLOW,
  type KtapReport,
  type KtapStatus,
  type KtapTest,
} from "./ktap-report.js";
import { missingTests } from "./missing-tests.js";
import { statusOf } from "./result-status.js";
import { guessName } from "./running-test.js";

/** Reads an output while it arrives. */
export interface KtapParser {
  /** The next piece of it, cut anywhere. */
  push(this: void, text: string): void;
  /**
   * No more comes.
   *
   * @param ending `cut`: what wrote the output was ended from outside (a panic, a time limit), so that a test without a plan may have been running
   * @returns null where the output has no results in this protocol
   */
  end(this: void, ending: "cut" | "whole"): KtapReport | null;
}

export interface KtapSettings {
  /** `required` (default): results count only behind a version line; `optional`: from the start on. */
  readonly header?: "optional" | "required";
  /** Told of each result when its line is there, with the names of the tests that it is part of, as far as they are known by then. */
  readonly onResult?: (path: readonly string[], status: KtapStatus) => void;
}

const DEEPEST = 40;
const LONGEST_LINE = 16_384;
const DIAGNOSTICS_OF_A_PASS = 10;
const DIAGNOSTIC_CHARACTERS = 8 * 1024 * 1024;
const MOST_PROBLEMS = 20;

type Result = Extract<KtapLine, { kind: "result" }>;

/** A time, and perhaps a caller, as the kernel's console has them (printk.time=1, PRINTK_CALLER). */
const STAMP = /\[ *\d+\.\d+\](?:\[ *[CT]\d+\])? ?/;
const VERSION_AT_END = /K?TAP version \d{1,9}$/;

/** Source: Documentation/dev-tools/ktap.rst; tools/testing/kunit and tools/testing/selftests/kselftest for what is written in practice. */
export function ktapParser({ header = "required", onResult }: KtapSettings = {}): KtapParser {
  const done: KtapTest[] = [];
  const problems: string[] = [];
  const stack: Block[] = header === "optional" ? [newBlock(0, [])] : [];
  let version: string | null = null;
  let bailOut: string | null = null;
  let skippedPlan: string | null = null;
  let stamped = false;
  let rest = "";
  let tests = 0;
  let overflow = false;
  let kept = 0;
  let seen = false;

  const problem = (text: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push(text);
  };
  const top = (): Block | undefined => stack.at(-1);

  /** Whether there is room for one more. */
  const counted = (): boolean => {
    tests += 1;
    if (tests > MOST_TESTS) overflow = true;
    return !overflow;
  };

  const takeDiagnostics = (block: Block, status: KtapStatus): string[] => {
    const most = isBad(status) ? DIAGNOSTICS_OF_A_TEST : DIAGNOSTICS_OF_A_PASS;
    const lines = kept > DIAGNOSTIC_CHARACTERS ? [] : block.diagnostics.slice(-most);
    for (const { length } of lines) kept += length;
    if (block.diagnostics.length > 0) block.diagnostics = [];
    return lines;
  };

  const missing = (block: Block, ending: "cut" | "whole", running: KtapTest | null): KtapTest[] =>
    missingTests(block, ending, running, takeDiagnostics).filter(counted);

  /** Takes results up to a number, exclusive, out of the lines that were none: they stand there behind other text. */
  const recoverResults = (block: Block, end: number, kind: "all" | "failures"): void => {
    while (block.highest + 1 < end && block.pending.length === 0) {
      const lines = block.diagnostics;
      const found = findEmbeddedResult(lines, block.highest + 1);
      if (found === null || (kind === "failures" && found.line.ok)) return;
      const { index, before, line } = found;
      block.diagnostics = [...lines.slice(0, index), before];
      addResult(block, line);
      block.diagnostics = lines.slice(index + 1);
    }
  };

  /** Ends the deepest block: its tests are subtests of the next result of the block around it. */
  const closeBlock = (ending: "closed" | "cut" | "whole"): void => {
    const block = stack.pop();
    const parent = top();
    if (block === undefined || parent === undefined) return;
    recoverResults(block, (block.plan ?? 0) + 1, ending === "cut" ? "failures" : "all");
    const wanted = block.plan ?? block.highest;
    const lacks = wanted > (block.plan === null ? block.numbers.size : block.tests.length);
    const running = leftOver(block);
    if (ending !== "closed" || lacks || running !== null) {
      block.tests.push(...missing(block, ending === "closed" ? "whole" : ending, running));
    }
    if (block.tests.length === 0 && block.plan !== 0) problem(`${block.name ?? "a test"} has no subtests`);
    for (const line of block.diagnostics.slice(-DIAGNOSTICS_OF_A_TEST)) keepDiagnostic(parent, line);
    parent.pending = parent.pending.length === 0 ? block.tests : [...parent.pending, ...block.tests];
    parent.pendingName = block.name ?? parent.pendingName;
  };

  /** Subtests whose parent's result never came: the parent was running. */
  const leftOver = (block: Block): KtapTest | null => {
    if (block.pending.length === 0 && block.pendingName === null) return null;
    const number = block.highest + 1;
    const name = block.pendingName ?? guessName(block.diagnostics) ?? `test ${number}`;
    const subtests = block.pending;
    block.pending = [];
    block.pendingName = null;
    return {
      name,
      number,
      status: "unfinished",
      diagnostics: takeDiagnostics(block, "unfinished"),
      subtests,
    };
  };

  /** Ends the blocks that are deeper than the column; the outermost stays. */
  const closeDeeper = (column: number): void => {
    while (stack.length > 1 && (top()?.indent ?? 0) > column) closeBlock("closed");
  };

  const closeDocument = (ending: "cut" | "whole"): void => {
    while (stack.length > 1) closeBlock(ending);
    const block = stack.pop();
    if (block === undefined) return;
    recoverResults(block, (block.plan ?? 0) + 1, ending === "cut" ? "failures" : "all");
    const running = leftOver(block);
    const isOver = bailOut !== null || skippedPlan !== null;
    if (running !== null || !isOver || block.plan !== null) {
      const hasNoEnd = block.plan === null && ending === "cut" && bailOut === null;
      block.tests.push(...missing(block, hasNoEnd ? "cut" : "whole", running));
    }
    for (const test of block.tests) done.push(test);
  };

  const onResultLine = (block: Block, line: Result): void => {
    recoverResults(block, line.number ?? 0, "all");
    addResult(block, line);
  };

  const addResult = (block: Block, line: Result): void => {
    seen = true;
    const { ok, directive, reason } = line;
    const number = line.number ?? block.highest + 1;
    const name = line.description || block.pendingName || `test ${number}`;
    if (number !== block.highest + 1) {
      problem(`expected the result of test ${block.highest + 1}, found ${number} (${name})`);
    }
    block.highest = Math.max(block.highest, number);
    if (block.numbers.size <= MOST_TESTS) block.numbers.add(number);
    if (block.plan !== null && block.tests.length >= block.plan) {
      problem(`${name} is one more than the ${block.plan} of the plan`);
    }
    let status = statusOf(ok, directive);
    if (!isBad(status) && status !== "expected-failure" && block.pending.some((each) => isBad(each.status))) {
      problem(`${name} is told as ${status}, and a subtest of it did not pass`);
      status = "failed";
    }
    const test: KtapTest = {
      name,
      number,
      status,
      ...(directive === null ? {} : { directive }),
      ...(reason === null ? {} : { reason }),
      diagnostics: takeDiagnostics(block, status),
      subtests: block.pending,
    };
    block.pending = [];
    block.pendingName = null;
    if (!counted()) return;
    block.tests.push(test);
    onResult?.([...stack.flatMap((each) => (each.name === null ? [] : [each.name])), name], status);
  };

  const open = (column: number, hashes: readonly number[]): Block | undefined => {
    if (stack.length > DEEPEST) return undefined;
    const block = newBlock(column, hashes);
    stack.push(block);
    return block;
  };

  const onVersion = (text: string, column: number, hashes: readonly number[]): void => {
    version ??= text;
    seen = true;
    const outer = stack[0];
    if (outer === undefined) {
      open(column, hashes);
      return;
    }
    if (column <= outer.indent) {
      const isFresh = stack.length === 1 && outer.tests.length === 0 && outer.plan === null;
      if (isFresh) return;
      closeDocument("whole");
      open(column, hashes);
      return;
    }
    closeDeeper(column);
    const block = top();
    if (block !== undefined && block.indent === column) closeSame(block);
    open(column, hashes);
  };

  /** A second header in the same column. */
  const closeSame = (block: Block): void => {
    const { name } = block;
    closeBlock("closed");
    const parent = top();
    if (name === null || parent === undefined) return;
    // The test before had a name, and its result did not come.
    const lost = leftOver(parent);
    if (lost !== null && counted()) {
      parent.tests.push(lost);
      parent.highest += 1;
      parent.numbers.add(parent.highest);
      problem(`${name} has no result`);
    }
  };

  const onSubtest = (name: string, column: number, hashes: readonly number[]): void => {
    closeDeeper(column);
    let block = top();
    if (block === undefined) return;
    if (block.indent < column) block = open(column, hashes);
    else if (block.tests.length > 0 || block.name !== null) {
      if (stack.length === 1) return;
      closeSame(block);
      block = open(column, hashes);
    }
    if (block !== undefined) block.name = name;
  };

  const onLine = (raw: string): void => {
    let line = raw.endsWith("\r") ? raw.replace(/\r+$/, "") : raw;
    let from = 0;
    if (stack.length === 0) {
      if (!VERSION_AT_END.test(line)) return;
      const stamp = STAMP.exec(line);
      stamped = stamp !== null && line.slice(0, stamp.index).trim() === "";
      if (stamped && stamp !== null) from = stamp.index + stamp[0].length;
    } else if (stamped) {
      const stamp = STAMP.exec(line);
      // What has no stamp is not the kernel's.
      if (stamp === null) return;
      from = stamp.index + stamp[0].length;
    }
    if (from > 0) line = line.slice(from);
    const hashes: number[] = [];
    let at = 0;
    for (;;) {
      while (line.charCodeAt(at) === 0x20 || line.charCodeAt(at) === 0x09) at += 1;
      if (line.charCodeAt(at) !== 0x23 || line.charCodeAt(at + 1) !== 0x20 || hashes.length > DEEPEST) break;
      const column = at;
      const isOpen = stack.some((block) => block.hashes.includes(column));
      if (!isOpen && !/^(?:# *)+K?TAP version \d{1,9}$/.test(line.slice(at))) break;
      hashes.push(at);
      at += 2;
    }
    const text = line.slice(at).trimEnd();
    const read = readKtapLine(text);
    if (read.kind === "version") {
      onVersion(text, at, hashes);
      return;
    }
    if (stack.length === 0) return;
    switch (read.kind) {
      case "subtest":
        onSubtest(read.name, at, hashes);
        return;
      case "plan": {
        closeDeeper(at);
        const block = top();
        if (block === undefined) return;
        if (block.plan !== null) {
          keepDiagnostic(block, text);
          return;
        }
        seen = true;
        block.plan = read.count;
        if (stack.length === 1 && read.count === 0) skippedPlan = read.skip ?? skippedPlan;
        return;
      }
      case "result": {
        closeDeeper(at);
        const block = top();
        if (block !== undefined) onResultLine(block, read);
        return;
      }
      case "bail-out":
        bailOut ??= read.reason;
        return;
      case "other": {
        const block = top();
        if (text !== "" && block !== undefined) keepDiagnostic(block, text);
        return;
      }
      default:
        read satisfies never;
    }
  };

  return {
    push: (text) => {
      const whole = rest + text;
      let from = 0;
      for (;;) {
        const end = whole.indexOf("\n", from);
        if (end === -1) break;
        onLine(whole.slice(from, Math.min(end, from + LONGEST_LINE)));
        from = end + 1;
      }
      rest = whole.slice(from);
      // Of a line without end its beginning is enough.
      if (rest.length > 2 * LONGEST_LINE) rest = rest.slice(0, LONGEST_LINE);
    },
    end: (ending) => {
      if (rest !== "") onLine(rest);
      rest = "";
      closeDocument(ending);
      if (!seen) return null;
      const counts = countTests(done);
      if (overflow) problem(OVERFLOW);
      const ran = counts.passed + counts["expected-failure"];
      const bad = counts.failed + counts.unfinished + counts["not-run"];
      const none = ran + counts.skipped + bad === 0;
      if (none) problem(skippedPlan === null ? "no test was run" : `all were skipped: ${skippedPlan}`);
      const failed = bad > 0 || overflow || bailOut !== null || (none && skippedPlan === null);
      return {
        version,
        tests: done,
        counts,
        problems,
        bailOut,
        verdict: failed ? "failed" : ran === 0 ? "skipped" : "passed",
      };
    },
  };
}

/** The results of a whole output. */
export function parseKtap(
  text: string,
  settings: KtapSettings & { readonly ending?: "cut" | "whole" } = {},
): KtapReport | null {
  const parser = ktapParser(settings);
  parser.push(text);
  return parser.end(settings.ending ?? "whole");
}
