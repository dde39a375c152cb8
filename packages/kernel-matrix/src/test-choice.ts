import { codedError } from "@vm/command-plan";
import { readReport } from "./history/read-report.js";
import { namePattern } from "./name-pattern.js";
import type { NamedKernel } from "./prepare-kernel.js";
import type { TestColumn } from "./result.js";

/** The tests that one of the patterns fits. @throws `TESTS_UNMATCHED` for a pattern that fits none */
export function chosenTests(tests: readonly TestColumn[], only: readonly string[] | undefined): TestColumn[] {
  if (only === undefined) return [...tests];
  const forms = only.map((pattern) => ({ pattern, fits: namePattern(pattern) }));
  for (const { pattern, fits } of forms) {
    if (tests.some(({ name }) => fits(name))) continue;
    const names = tests.slice(0, 20).map(({ name }) => name);
    throw codedError("TESTS_UNMATCHED", `no test has a name that ${JSON.stringify(pattern)} fits`, {
      hint: `There are ${names.join(", ")}${tests.length > names.length ? ", ..." : ""}.`,
    });
  }
  return tests.filter(({ name }) => forms.some(({ fits }) => fits(name)));
}

/** Some cells of a matrix: rows and columns without any are left out. */
export interface ChosenCells {
  readonly kernels: readonly NamedKernel[];
  readonly tests: readonly TestColumn[];
  /** Whether the cell of an index, kernel by kernel, is one of them. */
  readonly picks: (index: number) => boolean;
}

/**
 * The cells that did not pass in an earlier run, by the names of their kernels and tests: those that failed or could not be run.
 *
 * @throws `REPORT_UNREADABLE`; `NOTHING_FAILED` where there is none, or none of this run
 */
export function failedCells(
  file: string,
  { kernels, tests }: { readonly kernels: readonly NamedKernel[]; readonly tests: readonly TestColumn[] },
  cwd: string,
): ChosenCells {
  const { report } = readReport(file, cwd);
  const failed = report.cells.filter(({ verdict }) => verdict === "failed" || verdict === "error");
  if (failed.length === 0) {
    throw codedError("NOTHING_FAILED", `${file}: every test passed, so there is none to be run again`);
  }
  const keys = new Set(failed.map((cell) => keyOf(cell.kernel, cell.test)));
  const chosen = {
    kernels: kernels.filter((kernel) => tests.some((test) => keys.has(keyOf(kernel.name, test.name)))),
    tests: tests.filter((test) => kernels.some((kernel) => keys.has(keyOf(kernel.name, test.name)))),
  };
  if (chosen.tests.length === 0) {
    const [first] = failed;
    throw codedError("NOTHING_FAILED", `${file}: what failed there is no test of this run`, {
      hint: `That was ${first?.test} on ${first?.kernel}. Kernels and tests have to be named as they were then.`,
    });
  }
  const picked = chosen.kernels.flatMap((kernel) =>
    chosen.tests.map((test) => keys.has(keyOf(kernel.name, test.name))),
  );
  return { ...chosen, picks: (index) => picked[index] === true };
}

function keyOf(kernel: string, test: string): string {
  return JSON.stringify([kernel, test]);
}
