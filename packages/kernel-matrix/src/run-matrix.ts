import type { CommandControl, runCommand } from "@vm/guest-run";
import type { PreparedKernel } from "./prepare-kernel.js";
import type { CellEnd, CellResult, MatrixResult, TestColumn } from "./result.js";
import { runCell, type Cell, type CellSettings } from "./run-cell.js";
import { runSchedule } from "./schedule.js";
import { cellVerdict } from "./verdict.js";

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

  const runOne = async (cell: Cell): Promise<CellResult> => {
    const names = { kernel: cell.kernel.row.name, test: cell.test.name };
    onEvent({ kind: "started", ...names });
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
    const result: CellResult = { ...names, end: stoppedBy === null ? withoutStop(end) : end };
    onEvent({ kind: "ended", cell: result });
    if (onFailure === "stop" && cellVerdict(end) !== "passed") stopAll(SIGTERM);
    return result;
  };

  const cells = await runSchedule({
    items: kernels
      .flatMap((kernel) => tests.map((test): Cell => ({ kernel, test })))
      .filter((_, index) => picks(index)),
    jobs,
    hasRoom,
    signal: abort.signal,
    run: runOne,
    skip: ({ kernel, test }): CellResult => ({
      kernel: kernel.row.name,
      test: test.name,
      end: {
        kind: "skipped",
        reason: stoppedBy === null ? FAIL_FAST : `the run was stopped by signal ${stoppedBy}`,
      },
    }),
  });
  return {
    startedAt,
    durationMs: performance.now() - start,
    jobs,
    kernels: kernels.map(({ row }) => row),
    tests,
    cells,
    stoppedBy,
  };
}

const SIGTERM = 15;

/** A guest that fell to --fail-fast, and not to a signal of the person's, was skipped. */
function withoutStop(end: CellEnd): CellEnd {
  return end.kind === "ran" && end.result.outcome.kind === "stopped"
    ? { kind: "skipped", reason: FAIL_FAST }
    : end;
}
