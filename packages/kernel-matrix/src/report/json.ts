import type { CommandDurations, ComplaintKind, Outcome } from "@vm/guest-run";
import { outputText, type CapturedOutput } from "../capture.js";
import { kernelLine } from "../kernel-line.js";
import type { CellResult, KernelRow, MatrixResult, Problem } from "../result.js";
import { cellVerdict, countVerdicts, describeEnd, type Verdict, type VerdictCounts } from "../verdict.js";

/** The JSON document of a matrix. A new `version` means that something of the old is no longer so. */
export interface MatrixReport {
  readonly format: "vm-test";
  readonly version: 1;
  /** ISO 8601, in UTC; so are all times. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly jobs: number;
  readonly passed: boolean;
  readonly counts: VerdictCounts;
  /** The signal that ended the run before its time. */
  readonly stoppedBy: number | null;
  readonly kernels: readonly KernelRow[];
  readonly tests: readonly TestReport[];
  readonly cells: readonly CellReport[];
}

export interface TestReport extends CommandReport {
  readonly name: string;
  readonly file: string | null;
}

/** The command: as text, and where it is no UTF-8 its bytes in base64 as well. */
export interface CommandReport {
  readonly command: string;
  readonly commandBase64?: string;
}

export interface CellReport {
  readonly kernel: string;
  readonly test: string;
  readonly verdict: Verdict;
  /** How it ended, as a sentence. */
  readonly reason: string;
  /** Null where no run was tried; `problem` or `reason` says why. */
  readonly run: RunReport | null;
  readonly problem: Problem | null;
}

export interface RunReport {
  readonly startedAt: string;
  readonly outcome: Outcome;
  /** The command's exit status; null when it gave none. */
  readonly status: number | null;
  /** `uname -r` in the guest. */
  readonly release: string | null;
  readonly durations: CommandDurations;
  /** What the kernel complained of, with the first line of each. */
  readonly warnings: readonly { readonly kind: ComplaintKind; readonly line: string }[];
  readonly qemuArgv: readonly string[];
  readonly qemuStderr: string;
  readonly stdout: OutputReport;
  readonly stderr: OutputReport;
  readonly console: OutputReport;
}

/** The beginning and the end of a stream as text; what is no UTF-8 is U+FFFD. */
export interface OutputReport {
  readonly text: string;
  /** How many bytes in the middle were not kept. */
  readonly droppedBytes: number;
}

/** The result as plain data for `JSON.stringify`. */
export function matrixReport(result: MatrixResult): MatrixReport {
  const { startedAt, durationMs, jobs, stoppedBy, kernels, tests, cells } = result;
  return {
    format: "vm-test",
    version: 1,
    startedAt: startedAt.toISOString(),
    durationMs,
    jobs,
    passed: cells.length > 0 && cells.every(({ end }) => cellVerdict(end) === "passed"),
    counts: countVerdicts(cells),
    stoppedBy,
    kernels,
    tests: tests.map(({ name, file, command }) => ({ name, file, ...commandReport(command) })),
    cells: cells.map(cellReport),
  };
}

function commandReport(command: Uint8Array): CommandReport {
  const bytes = Buffer.from(command);
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes)
    ? { command: text }
    : { command: text, commandBase64: bytes.toString("base64") };
}

function cellReport({ kernel, test, end }: CellResult): CellReport {
  return {
    kernel,
    test,
    verdict: cellVerdict(end),
    reason: describeEnd(end),
    run: end.kind === "ran" ? runReport(end) : null,
    problem: end.kind === "unusable" || end.kind === "broken" ? end.problem : null,
  };
}

function runReport({
  startedAt,
  result,
  stdout,
  stderr,
  console,
}: Extract<CellResult["end"], { kind: "ran" }>): RunReport {
  const { outcome, release, durations, complaints, argv, qemuStderr } = result;
  return {
    startedAt: startedAt.toISOString(),
    outcome: "reason" in outcome ? { ...outcome, reason: kernelLine(outcome.reason) } : outcome,
    status: "status" in outcome ? outcome.status : null,
    release,
    durations,
    warnings: complaints.map(({ kind, line }) => ({ kind, line: kernelLine(line) })),
    qemuArgv: argv,
    qemuStderr,
    stdout: outputReport(stdout),
    stderr: outputReport(stderr),
    console: outputReport(console),
  };
}

function outputReport(output: CapturedOutput): OutputReport {
  return { text: outputText(output), droppedBytes: output.droppedBytes };
}
