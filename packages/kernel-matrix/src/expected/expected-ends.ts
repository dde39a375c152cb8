import { expectFailures } from "@vm/ktap";
import { namePattern } from "../name-pattern.js";
import { badRows } from "../report/subtest-rows.js";
import type { CellEnd, KernelRow } from "../result.js";
import { cellVerdict } from "../verdict.js";
import type { Expectation } from "./expectation-data.js";
import type { ExpectationList } from "./expectations.js";
import { isFrom } from "./release-limit.js";

/** Takes how a test ended on a kernel, and says what of its failures was expected. */
export type Judge = (kernel: KernelRow, test: string, end: CellEnd) => CellEnd;

/**
 * A judge by a list. What it expects is that a test fails: by its status, by a signal, by tests inside it. A kernel that panics or complains, a
 * guest that hangs, is lost or takes too long is never expected.
 */
export function judgeBy(list: ExpectationList): Judge {
  const fitting = fitsOf(list);
  return (kernel, test, end) => {
    if (end.kind !== "ran" || cellVerdict(end) !== "failed") return end;
    const { kind } = end.result.outcome;
    if (kind !== "exited" && kind !== "signalled") return end;
    const release = releaseOf(kernel, end);
    const lineOf = (path: readonly string[]): Expectation | undefined =>
      fitting.find(({ line, covers }) => isOpen(line, release) && covers(path))?.line;
    const subtests =
      end.subtests && expectFailures(end.subtests, (path) => wordsOf(lineOf([test, ...path]), list.file));
    const judged = subtests ? { ...end, subtests } : end;
    const isInside = subtests !== undefined && subtests !== null;
    if (
      judged.subtests !== undefined &&
      (judged.subtests.verdict === "failed" || badRows(judged.subtests).length > 0)
    )
      return judged;
    const own = wordsOf(lineOf([test]), list.file);
    // A test whose failures inside were expected says so by its status.
    if (own === null && !(isInside && kind === "exited" && end.lacks === undefined)) return judged;
    return { ...judged, expected: own ?? "all that failed in it was expected to" };
  };
}

/** Whether a line still holds for a kernel. */
export function isOpen({ until }: Expectation, release: string | null): boolean {
  return until === null || (release !== null && !isFrom(release, until));
}

function wordsOf(line: Expectation | undefined, file: string): string | null {
  if (line === undefined) return null;
  const { reason, until } = line;
  return `${reason} (${file}:${line.line}${until === null ? "" : `, until ${until}`})`;
}

export function releaseOf({ release }: Pick<KernelRow, "release">, end: CellEnd): string | null {
  return (end.kind === "ran" ? end.result.release : null) ?? release;
}

export interface FittingLine {
  readonly line: Expectation;
  /** The names of a test, from the outside in. */
  fits(this: void, path: readonly string[]): boolean;
  /** Fits it, or what it is part of. */
  covers(this: void, path: readonly string[]): boolean;
}

export function fitsOf({ lines }: ExpectationList): FittingLine[] {
  return lines.map((line): FittingLine => {
    const form = namePattern(line.pattern);
    const fits = (path: readonly string[]): boolean => form(path.join(" / "));
    return {
      line,
      fits,
      covers: (path) => path.some((_, index) => fits(path.slice(0, index + 1))),
    };
  });
}
