/** A run compared with an older one: plain data. */
export interface Comparison {
  /** The older report, as the person named it, and when its run began. */
  readonly file: string;
  readonly startedAt: string;
  /** Fails, or was not run, and did not fail then; a test that is new and fails is one of them. */
  readonly newFailures: readonly ComparedRow[];
  readonly fixed: readonly ComparedRow[];
  /** Also what failed then, and failed as expected now. */
  readonly stillFailing: readonly ComparedRow[];
  /** Not in the older run, and no failure. */
  readonly added: readonly ComparedRow[];
  /** Not in this run. */
  readonly vanished: readonly ComparedRow[];
  /** Passed both times, and took longer, or less long, by more than times differ anyway. */
  readonly slower: readonly TimedRow[];
  readonly faster: readonly TimedRow[];
}

export interface ComparedRow {
  readonly kernel: string;
  /** The test, and what of it this is about: names from the outside in. */
  readonly path: readonly string[];
  /** How it ended in this run; in the older one, where it is in that one alone. */
  readonly reason: string;
}

export interface TimedRow extends ComparedRow {
  /** Medians, in milliseconds. */
  readonly beforeMs: number;
  readonly nowMs: number;
}
