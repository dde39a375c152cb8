import { isBad } from "@vm/ktap";
import { subtestRows } from "../report/subtest-rows.js";
import type { CellResult, KernelRow } from "../result.js";
import { cellVerdict } from "../verdict.js";
import { fitsOf, isOpen, releaseOf } from "./expected-ends.js";
import type { ExpectationCheck, CheckedLine } from "./expectation-data.js";
import type { ExpectationList } from "./expectations.js";

/** Looks whether what a list expects is still so. */
export function checkExpectations(
  list: ExpectationList,
  kernels: readonly KernelRow[],
  cells: readonly CellResult[],
): ExpectationCheck {
  const rows = new Map(kernels.map((kernel) => [kernel.name, { ...kernelRows(kernel, cells) }]));
  const passed: CheckedLine[] = [];
  const overdue: CheckedLine[] = [];
  const unmatched = new Set(list.lines);
  for (const { line, fits } of fitsOf(list)) {
    for (const [kernel, { release, found }] of rows) {
      const states = found.flatMap(({ path, state }) => (fits(path) ? [state] : []));
      if (states.length > 0) unmatched.delete(line);
      if (!isOpen(line, release)) {
        if (states.includes("failed")) overdue.push({ kernel, ...line });
      } else if (states.includes("passed") && states.every((state) => state === "passed" || state === "none"))
        passed.push({ kernel, ...line });
    }
  }
  return { file: list.file, passed, overdue, unmatched: [...unmatched] };
}

interface StateRow {
  readonly path: readonly string[];
  /** `none`: it says nothing of whether the test fails, as a skipped one. */
  readonly state: "expected" | "failed" | "none" | "passed";
}

function kernelRows(
  kernel: KernelRow,
  cells: readonly CellResult[],
): { readonly release: string | null; readonly found: readonly StateRow[] } {
  const own = cells.filter((cell) => cell.kernel === kernel.name);
  const [first] = own.filter(({ end }) => end.kind === "ran");
  return {
    release: first === undefined ? kernel.release : releaseOf(kernel, first.end),
    found: own.flatMap(({ test, end }): StateRow[] => [
      { path: [test], state: cellState(end) },
      ...(end.kind === "ran" && end.subtests !== undefined ? subtestRows(end.subtests) : []).map(
        ({ path, test: { status } }): StateRow => ({
          path: [test, ...path],
          state: isBad(status)
            ? "failed"
            : status === "expected-failure"
              ? "expected"
              : status === "passed"
                ? "passed"
                : "none",
        }),
      ),
    ]),
  };
}

function cellState(end: CellResult["end"]): StateRow["state"] {
  const verdict = cellVerdict(end);
  switch (verdict) {
    case "passed":
    case "failed":
      return verdict;
    case "xfail":
      return "expected";
    case "flaky":
      return "failed";
    case "error":
    case "skipped":
      return "none";
    default:
      return verdict satisfies never;
  }
}
