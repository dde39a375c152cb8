import { isBad, type KtapStatus } from "@vm/ktap";
import type { CellReport, MatrixReport } from "../report/json.js";
import { subtestRows } from "../report/subtest-rows.js";
import { ktapWords } from "../verdict.js";

/** What came of a test, or of a test inside one, in a run. */
export interface OutcomeRow {
  readonly kernel: string;
  /** The test, and what of it this is about: names from the outside in. */
  readonly path: readonly string[];
  /** `expected`: it failed, as it was expected to. */
  readonly state: "expected" | "failed" | "flaky" | "not-run" | "passed" | "skipped";
  readonly reason: string;
  /** Milliseconds of the times that passed; empty where nobody knows. */
  readonly passedMs: readonly number[];
}

/**
 * All rows of a report. Those with the same names get numbers in their order. Whatever came before the first guest is `failed`: there is
 * no answer.
 */
export function outcomeRows({ cells }: Pick<MatrixReport, "cells">): Map<string, OutcomeRow> {
  const rows = new Map<string, OutcomeRow>();
  const add = (row: OutcomeRow): void => {
    let key = keyOf(row);
    for (let count = 2; rows.has(key); count++) {
      const [last = ""] = row.path.slice(-1);
      key = keyOf({ ...row, path: [...row.path.slice(0, -1), `${last} (${count})`] });
    }
    rows.set(key, row);
  };
  for (const cell of cells) {
    add(cellRow(cell));
    for (const { path, test } of cell.run?.subtests ? subtestRows(cell.run.subtests) : []) {
      const { status, reason = "" } = test;
      add({
        kernel: cell.kernel,
        path: [cell.test, ...path],
        state: subtestState(status),
        reason: `${ktapWords[status]}${reason === "" ? "" : `: ${reason}`}`,
        passedMs: [],
      });
    }
  }
  return rows;
}

export function keyOf({ kernel, path }: Pick<OutcomeRow, "kernel" | "path">): string {
  return JSON.stringify([kernel, ...path]);
}

const cellStates: { readonly [verdict in CellReport["verdict"]]: OutcomeRow["state"] } = {
  passed: "passed",
  flaky: "flaky",
  xfail: "expected",
  failed: "failed",
  error: "failed",
  skipped: "not-run",
};

function subtestState(status: KtapStatus): OutcomeRow["state"] {
  if (isBad(status)) return "failed";
  if (status === "expected-failure") return "expected";
  return status === "skipped" ? "skipped" : "passed";
}

function cellRow({ kernel, test, verdict, reason, run }: CellReport): OutcomeRow {
  const state = cellStates[verdict];
  const list = run?.attempts?.list ?? [];
  const passedMs =
    list.length > 0
      ? list.flatMap((each) =>
          each.verdict === "passed" && each.durationMs !== null ? [each.durationMs] : [],
        )
      : run !== null && state === "passed"
        ? [run.durations.totalMs]
        : [];
  return { kernel, path: [test], state, reason, passedMs };
}
