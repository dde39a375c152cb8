import type { Attempts } from "./attempts.js";
import type { PreparedKernel } from "./prepare-kernel.js";
import type { TestColumn } from "./result.js";
import type { Cell } from "./run-cell.js";

/** A cell on its way. */
export interface Turn {
  /** Its place in the matrix. */
  readonly index: number;
  readonly cell: Cell;
  readonly attempts: Attempts;
  isBegun: boolean;
}

/** Cells of a kernel that are run one after the other: one in a guest of its own, or several that share guests. */
export interface GuestGroup {
  readonly kernel: PreparedKernel;
  readonly guest: "own" | "shared";
  /** In the order in which they run. */
  readonly turns: readonly Turn[];
}

/** The cells of a matrix by the guests that they need, kernel by kernel: those that share one have the place of their first. */
export function guestGroups({
  kernels,
  tests,
  order,
  picks,
  attempts,
}: {
  readonly kernels: readonly PreparedKernel[];
  readonly tests: readonly TestColumn[];
  /** Of the tests, by their places. */
  readonly order: readonly number[];
  readonly picks: (index: number) => boolean;
  readonly attempts: () => Attempts;
}): GuestGroup[] {
  return kernels.flatMap((kernel, row): GuestGroup[] => {
    const groups: GuestGroup[] = [];
    const shared: Turn[] = [];
    for (const column of order) {
      const index = row * tests.length + column;
      const test = tests[column];
      if (test === undefined || !picks(index)) continue;
      const turn: Turn = { index, cell: { kernel, test }, attempts: attempts(), isBegun: false };
      if (kernel.kind === "unusable" || !sharesGuest(test)) {
        groups.push({ kernel, guest: "own", turns: [turn] });
        continue;
      }
      if (shared.length === 0) groups.push({ kernel, guest: "shared", turns: shared });
      shared.push(turn);
    }
    return groups;
  });
}

/** What boots with parameters of its own, or is read from the whole of a console, is alone with its guest. */
function sharesGuest({ guest = "own", parameters = [], results }: TestColumn): boolean {
  return guest === "shared" && parameters.length === 0 && results?.from !== "console";
}
