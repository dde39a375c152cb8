import type { CommandControl, runCommand } from "@vm/guest-run";
import { attemptsOf, onceOnly, type AttemptRules } from "./attempts.js";
import type { Judge } from "./expected/expected-ends.js";
import { guestGroups, type GuestGroup, type Turn } from "./guest-groups.js";
import type { PreparedKernel } from "./prepare-kernel.js";
import type { CellEnd, CellResult, MatrixResult, TestColumn } from "./result.js";
import { runCell, type CellSettings } from "./run-cell.js";
import { runSchedule } from "./schedule.js";
import { runShared } from "./shared-guest/run-shared.js";
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
  /** Says which failures are expected; none, if absent. */
  readonly judge?: Judge;
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

export const FAIL_FAST = "another test failed before (--fail-fast)";

/**
 * Runs every test on every kernel, several guests at once: kernel by kernel, each test in a guest of its own or, where it may, in one that
 * tests of its kernel share. What goes wrong with a kernel or a guest is the result of its cells; never rejects for it.
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
  judge = (_kernel, _test, end) => end,
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

  /** False: a test of the run has failed, and with `until` nothing is repeated any more. */
  let isRepeated = true;
  const results = new Map<Turn, CellResult>();

  /** Lends a guest to the run: whatever ends the run stops it. */
  const guestUse = (): { onStart: (control: CommandControl) => void; end: () => void } => {
    let guest: CommandControl | undefined;
    return {
      onStart: (control) => {
        guest = control;
        guests.add(control);
        if (abort.signal.aborted) control.stop(stoppedBy ?? SIGTERM);
      },
      end: () => {
        if (guest !== undefined) guests.delete(guest);
      },
    };
  };

  const begin = (turn: Turn): void => {
    const { kernel, test } = turn.cell;
    if (!turn.isBegun) onEvent({ kind: "started", kernel: kernel.row.name, test: test.name });
    turn.isBegun = true;
  };

  const judged = ({ cell: { kernel, test } }: Turn, end: CellEnd): CellEnd =>
    judge(kernel.row, test.name, end);

  /** Takes how an attempt ended. `done`: the cell has its result. */
  const take = (turn: Turn, end: CellEnd): "again" | "done" | "later" => {
    const { attempts } = turn;
    const next = attempts.add(judged(turn, stoppedBy === null ? withoutStop(end) : end));
    if (next === "again" && !abort.signal.aborted) return next;
    if (attempts.hasFailed && rules.until === "failure") isRepeated = false;
    const failsFast = attempts.hasFailed && onFailure === "stop";
    if (next === "later" && isRepeated && !failsFast) return next;
    const result = close(turn);
    if (onFailure === "stop" && !isGood(cellVerdict(result.end), flaky)) stopAll(SIGTERM);
    return "done";
  };

  /** What has come of a turn is the cell's result. */
  const close = (turn: Turn): CellResult => {
    const { kernel, test } = turn.cell;
    const reason = stoppedBy === null ? FAIL_FAST : `the run was stopped by signal ${stoppedBy}`;
    const end = turn.attempts.end();
    const result: CellResult = {
      kernel: kernel.row.name,
      test: test.name,
      end: end ?? { kind: "skipped", reason },
    };
    results.set(turn, result);
    if (turn.isBegun) onEvent({ kind: "ended", cell: result });
    return result;
  };

  /** Whether a turn is over, since nothing is repeated any more. */
  const isLeft = (turn: Turn): boolean => turn.attempts.end() !== null && !isRepeated;

  const runOwn = async (turn: Turn): Promise<"done" | "later"> => {
    if (isLeft(turn)) {
      close(turn);
      return "done";
    }
    begin(turn);
    for (;;) {
      const use = guestUse();
      const end = await runCell(turn.cell, settings, {
        onStart: use.onStart,
        ...(run === undefined ? {} : { run }),
      });
      use.end();
      const next = take(turn, end);
      if (next !== "again") return next;
    }
  };

  const runGroup = async (group: GuestGroup): Promise<typeof DONE | "later"> => {
    const { kernel, turns } = group;
    const [only] = turns;
    if (kernel.kind === "unusable" || group.guest === "own") {
      if (only === undefined) return DONE;
      return (await runOwn(only)) === "later" ? "later" : DONE;
    }
    await runShared(kernel, turns, settings, {
      begin,
      take,
      peek: (turn, end) => turn.attempts.peek(judged(turn, end)),
      close,
      isLeft,
      guestUse,
      isAborted: () => abort.signal.aborted,
      ...(run === undefined ? {} : { run }),
    });
    return DONE;
  };

  const order = testOrder(tests.length, seed ?? null);
  const groups = guestGroups({ kernels, tests, order, picks, attempts: () => attemptsOf(rules) });
  await runSchedule({
    items: groups,
    jobs,
    hasRoom,
    signal: abort.signal,
    run: runGroup,
    skip: ({ turns }) => {
      for (const turn of turns) if (!results.has(turn)) close(turn);
      return DONE;
    },
  });
  const turns = groups.flatMap((group) => group.turns).toSorted((one, other) => one.index - other.index);
  return {
    startedAt,
    durationMs: performance.now() - start,
    jobs,
    kernels: kernels.map(({ row }) => row),
    tests,
    cells: turns.flatMap((turn) => results.get(turn) ?? []),
    stoppedBy,
    flaky,
    ...(seed === undefined
      ? {}
      : { shuffle: { seed, order: order.flatMap((column) => tests[column]?.name ?? []) } }),
  };
}

const DONE = {};

const SIGTERM = 15;

/** A guest that fell to --fail-fast, and not to a signal of the person's, was skipped. */
function withoutStop(end: CellEnd): CellEnd {
  return end.kind === "ran" && end.result.outcome.kind === "stopped"
    ? { kind: "skipped", reason: FAIL_FAST }
    : end;
}
