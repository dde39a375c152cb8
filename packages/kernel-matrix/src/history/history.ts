import type { OldReport } from "./read-report.js";
import { outcomeRows, type OutcomeRow } from "./outcome-rows.js";

/** Tests by runs: plain data. */
export interface History {
  readonly format: "vm-test-history";
  readonly version: 1;
  /** In the order in which they were begun. */
  readonly runs: readonly HistoryRun[];
  readonly rows: readonly HistoryRow[];
}

export interface HistoryRun {
  /** The report's file, as it was named. */
  readonly file: string;
  readonly startedAt: string;
  /** `linux-next (7.2.0-rc3, v7.2-rc3-12-gabcdef)`, each kernel. */
  readonly kernels: readonly string[];
}

export interface HistoryRow {
  readonly kernel: string;
  /** The test, and what of it this is about: names from the outside in. */
  readonly path: readonly string[];
  /** One for each run; null where the run has no such test. */
  readonly states: readonly (OutcomeRow["state"] | null)[];
  /** Medians of the times that passed, in milliseconds; null where nobody knows. */
  readonly durationsMs: readonly (number | null)[];
  readonly trend: Trend;
}

/**
 * `steady`: passed in every run that has it. `failing`: in none. `broke`: passed before, and has failed since. `fixed`: the other way
 * round. `unstable`: more than one change, or flaky in a run. `none`: it never ran.
 */
export type Trend = "broke" | "failing" | "fixed" | "none" | "steady" | "unstable";

export function historyOf(reports: readonly OldReport[]): History {
  const ordered = reports.toSorted((one, other) =>
    one.report.startedAt.localeCompare(other.report.startedAt),
  );
  const tables = ordered.map(({ report }) => outcomeRows(report));
  const keys = new Set(tables.flatMap((table) => [...table.keys()]));
  return {
    format: "vm-test-history",
    version: 1,
    runs: ordered.map(({ name, report }) => ({
      file: name,
      startedAt: report.startedAt,
      kernels: report.kernels.map(({ name: kernel, release, identity }) => {
        const known = [release, identity?.commit].filter((each) => typeof each === "string");
        return known.length === 0 ? kernel : `${kernel} (${known.join(", ")})`;
      }),
    })),
    rows: [...keys].map((key): HistoryRow => {
      const [kernel = "", ...path]: string[] = JSON.parse(key);
      const rows = tables.map((table) => table.get(key));
      const states = rows.map((row) => row?.state ?? null);
      return {
        kernel,
        path,
        states,
        durationsMs: rows.map((row) => middle(row?.passedMs ?? [])),
        trend: trendOf(states),
      };
    }),
  };
}

function middle(values: readonly number[]): number | null {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? null;
}

export function trendOf(states: readonly (OutcomeRow["state"] | null)[]): Trend {
  if (states.includes("flaky")) return "unstable";
  const known = states.flatMap((state) => {
    if (state === "expected") return ["failed"];
    return state === "passed" || state === "failed" ? [state] : [];
  });
  const [first] = known;
  if (first === undefined) return "none";
  const changes = known.filter((state, index) => index > 0 && state !== known[index - 1]).length;
  if (changes > 1) return "unstable";
  if (changes === 0) return first === "passed" ? "steady" : "failing";
  return first === "passed" ? "broke" : "fixed";
}
