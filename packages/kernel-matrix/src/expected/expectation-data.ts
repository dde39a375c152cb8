/** A line of a file of expected failures. */
export interface Expectation {
  /** From 1 on. */
  readonly line: number;
  /** Names of tests, with `*` and `?`. */
  readonly pattern: string;
  readonly reason: string;
  /** The first release in which it is a failure again; null: there is none. */
  readonly until: string | null;
}

/** What of a list of expected failures is not so (any more): plain data. */
export interface ExpectationCheck {
  /** As the person named it. */
  readonly file: string;
  /** On this kernel all that the line fits has passed. */
  readonly passed: readonly CheckedLine[];
  /** What it fits fails on a kernel of the release until which that was expected, or a newer one. */
  readonly overdue: readonly CheckedLine[];
  /** Lines that fit no test of this run. */
  readonly unmatched: readonly Expectation[];
}

export interface CheckedLine extends Expectation {
  readonly kernel: string;
}
