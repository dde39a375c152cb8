import type { CommandControl, runCommand } from "@vm/guest-run";
import { attemptsOf, onceOnly, type AttemptRules, type Attempts } from "./attempts.js";
import type { PreparedKernel } from "./prepare-kernel.js";
import type { CellEnd, CellResult, MatrixResult, TestColumn } from "./result.js";
import { runCell, type Cell, type CellSettings } from "./run-cell.js";
import { runSchedule } from "./schedule.js";
import { testOrder } from "./test-order.js";
import { cellVerdict, isGood } from "./verdict.js";

export interface RunMatrix {
  /** With unique names. */
  readonly kernels: readonly PreparedKernel[];
  /** With unique names. */
  readonly tests: readonly TestColumn[];
  readonly settings: CellSettings;
  /** Which of the cells are run, all if absent: `index` counts them, kernel by kernel. */
  readonly picks?: (index: number) => boolean;
  /** The most guests at once: `guestsAtOnce`. */
  readonly jobs: number;
  /** Whether there is memory for one more guest now; always, if absent. */
  readonly hasRoom?: () => boolean;
  /** `stop`: the first cell that does not pass ends the run. */
  readonly onFailure: "go-on" | "stop";
  /** How often each cell is run; once, if absent. */
  readonly attempts?: AttemptRules;
  /** Whether a cell that passed on a later try is a failure; it is none, if absent. */
  readonly flaky?: "fail" | "pass";
  /** By what the order of the tests is chosen; in the given one, if absent. */
  readonly seed?: number;
  /** Told of each cell as it begins and ends, in the order in which that happens. */
  readonly onEvent?: (event: MatrixEvent) => void;
  /** Gets, at once, what ends the run before its time. */
  readonly onStart?: (control: MatrixControl) => void;
  /** What runs a command: for tests. */
  readonly runCommand?: typeof runCommand;
}

export type MatrixEvent =
  | { readonly kind: "started"; readonly kernel: string; readonly test: string }
  | { readonly kind: "ended"; readonly cell: CellResult };

export interface MatrixControl {
  /** Kills all guests; what did not end yet is reported as skipped. @param signal the number of what asks for it */
  stop(signal: number): void;
}

const FAIL_FAST = "another test failed before (--fail-fast)";

/**
 * Runs every test on every kernel, each pair in a guest of its own, several at once: kernel by kernel, in the given
 * order. What goes wrong with a kernel or a guest is the result of its cells; never rejects for it.
 */
export async function runMatrix({
  kernels,
  tests,
  settings,
  picks = () => true,
  jobs,
  hasRoom = () => true,
  onFailure,
  attempts: rules = onceOnly,
  flaky = "pass",
  seed,
  onEvent = () => {},
  onStart = () => {},
  runCommand: run,
}: RunMatrix): Promise<MatrixResult> {
  const startedAt = new Date();
  const start = performance.now();
  const abort = new AbortController();
  const guests = new Set<CommandControl>();
  let stoppedBy: number | null = null;
  const stopAll = (signal: number): void => {
    abort.abort();
    for (const guest of guests) guest.stop(signal);
  };
  onStart({
    stop: (signal) => {
      stoppedBy ??= signal;
      stopAll(signal);
    },
  });

  /** A test of the run has failed: with `until` nothing is repeated any more. */
  let isRepeated = true;

  const runOnce = async (cell: Cell): Promise<CellEnd> => {
    let guest: CommandControl | undefined;
    const end = await runCell(cell, settings, {
      onStart: (control) => {
        guest = control;
        guests.add(control);
        if (abort.signal.aborted) control.stop(stoppedBy ?? SIGTERM);
      },
      ...(run === undefined ? {} : { run }),
    });
    if (guest !== undefined) guests.delete(guest);
    return stoppedBy === null ? withoutStop(end) : end;
  };

  const takeTurn = async (turn: Turn): Promise<CellResult | "later"> => {
    const { cell, attempts } = turn;
    const names = { kernel: cell.kernel.row.name, test: cell.test.name };
    if (turn.isBegun && !isRepeated) return close(turn);
    if (!turn.isBegun) onEvent({ kind: "started", ...names });
    turn.isBegun = true;
    let next = attempts.add(await runOnce(cell));
    while (next === "again" && !abort.signal.aborted) next = attempts.add(await runOnce(cell));
    if (attempts.hasFailed && rules.until === "failure") isRepeated = false;
    const failsFast = attempts.hasFailed && onFailure === "stop";
    if (next === "later" && isRepeated && !failsFast) return "later";
    const result = close(turn);
    if (onFailure === "stop" && !isGood(cellVerdict(result.end), flaky)) stopAll(SIGTERM);
    return result;
  };

  /** What has come of a turn is the cell's result. */
  const close = ({ cell: { kernel, test }, attempts }: Turn): CellResult => {
    const names = { kernel: kernel.row.name, test: test.name };
    const reason = stoppedBy === null ? FAIL_FAST : `the run was stopped by signal ${stoppedBy}`;
    const end = attempts.end();
    const result = { ...names, end: end ?? { kind: "skipped" as const, reason } };
    if (end !== null) onEvent({ kind: "ended", cell: result });
    return result;
  };

  const order = testOrder(tests.length, seed ?? null);
  const turns = kernels.flatMap((kernel, row) =>
    order.flatMap((column): Turn[] => {
      const index = row * tests.length + column;
      const test = tests[column];
      return test === undefined || !picks(index)
        ? []
        : [{ index, cell: { kernel, test }, attempts: attemptsOf(rules), isBegun: false }];
    }),
  );
  const results = await runSchedule({
    items: turns,
    jobs,
    hasRoom,
    signal: abort.signal,
    run: takeTurn,
    skip: close,
  });
  const cells = turns
    .flatMap(({ index }, at) => {
      const result = results[at];
      return result === undefined ? [] : [{ index, result }];
    })
    .toSorted((one, other) => one.index - other.index);
  return {
    startedAt,
    durationMs: performance.now() - start,
    jobs,
    kernels: kernels.map(({ row }) => row),
    tests,
    cells: cells.map(({ result }) => result),
    stoppedBy,
    flaky,
    ...(seed === undefined
      ? {}
      : { shuffle: { seed, order: order.flatMap((column) => tests[column]?.name ?? []) } }),
  };
}

/** A cell on its way. */
interface Turn {
  /** Its place in the matrix. */
  readonly index: number;
  readonly cell: Cell;
  readonly attempts: Attempts;
  isBegun: boolean;
}

const SIGTERM = 15;

/** A guest that fell to --fail-fast, and not to a signal of the person's, was skipped. */
function withoutStop(end: CellEnd): CellEnd {
  return end.kind === "ran" && end.result.outcome.kind === "stopped"
    ? { kind: "skipped", reason: FAIL_FAST }
    : end;
}
