import type { CommandResult } from "@vm/guest-run";
import type { FailureReport } from "@vm/operations";
import { noOutput, type CapturedOutput } from "./capture.js";
import type { KernelRow, MatrixResult } from "./result.js";
import { testName } from "./test-name.js";

/** One command that was run on one kernel, as a matrix of one cell: for `renderJunit`. */
export function singleRun({
  kernel,
  result,
  failure = null,
  again,
  startedAt,
  stdout = noOutput,
  stderr = noOutput,
}: {
  readonly kernel: Pick<KernelRow, "given"> & Partial<KernelRow>;
  readonly result: CommandResult;
  readonly failure?: FailureReport | null;
  /** The words that run it again. */
  readonly again?: readonly string[];
  readonly startedAt: Date;
  readonly stdout?: CapturedOutput;
  readonly stderr?: CapturedOutput;
}): MatrixResult {
  const row: KernelRow = {
    name: kernel.given,
    release: null,
    tree: null,
    image: null,
    warnings: [],
    ...kernel,
  };
  const test = testName(result.command);
  return {
    startedAt,
    durationMs: result.durations.totalMs,
    jobs: 1,
    kernels: [row],
    tests: [{ name: test, command: result.command, file: null }],
    cells: [
      {
        kernel: row.name,
        test,
        end: {
          kind: "ran",
          startedAt,
          result,
          stdout,
          stderr,
          console: noOutput,
          failure,
          ...(again === undefined ? {} : { again }),
        },
      },
    ],
    stoppedBy: result.outcome.kind === "stopped" ? result.outcome.signal : null,
  };
}
