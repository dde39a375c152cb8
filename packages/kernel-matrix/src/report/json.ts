import { commandReport, type CommandReport } from "@vm/guest-run";
import type { KtapReport } from "@vm/ktap";
import type { ExpectationCheck } from "../expected/expectation-data.js";
import type { Comparison } from "../history/comparison-data.js";
import { failureData, type FailureData } from "@vm/operations";
import { outputText, type CapturedOutput } from "../capture.js";
import type {
  Attempt,
  AttemptLog,
  CellOrigin,
  CellResult,
  GuestPlace,
  Invocation,
  KernelRow,
  MatrixResult,
  RunOrigin,
  Problem,
  Shuffle,
  TaintLeft,
} from "../result.js";
import {
  cellVerdict,
  countVerdicts,
  describeEnd,
  hasPassed,
  type Verdict,
  type VerdictCounts,
} from "../verdict.js";

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
  /** By what the order of the tests was chosen, and that order; null: they ran in the given one. */
  readonly shuffle: Shuffle | null;
  /** Where it ran; null where nobody said, or on several machines, which the cells then say. */
  readonly origin: RunOrigin | null;
  /** What asked for it; null where nobody said. */
  readonly invocation: Invocation | null;
  /** Compared with an older run (--baseline); null: nobody asked. */
  readonly comparison: Comparison | null;
  /** What of the expected failures is not so (--expected-failures); null: none were named. */
  readonly expectations: ExpectationCheck | null;
  readonly kernels: readonly KernelRow[];
  readonly tests: readonly TestReport[];
  readonly cells: readonly CellReport[];
}

export interface TestReport {
  readonly name: string;
  readonly file: string | null;
  /** As UTF-8; `commandBase64` instead where it is not. */
  readonly command?: string;
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
  /** Where it ran, where that is not told for the whole; else null. */
  readonly origin: CellOrigin | null;
}

/** What `vm run --report` tells of a run, and its outputs. `console` has more lines of it; none after a pass. */
export interface RunReport extends CommandReport {
  readonly startedAt: string;
  readonly stdout: OutputReport;
  readonly stderr: OutputReport;
  /** What the kernel complained of, with the frames of its stacks; null after a pass. */
  readonly failure: FailureData | null;
  /** The tests inside the command, of its output in KTAP or TAP; null where it has none. */
  readonly subtests: KtapReport | null;
  /** Why its failure was expected; null: it was not, or there is none. */
  readonly expected: string | null;
  /** The guest, where other tests ran in it as well; null: it had one of its own. */
  readonly guest: GuestPlace | null;
  /** What it left the kernel tainted with; null: nothing, or nobody knows, as in a guest of its own. */
  readonly taint: TaintLeft | null;
  /** All runs of the test, where there was more than one: this is the one that decides. */
  readonly attempts: AttemptsReport | null;
}

export interface AttemptsReport {
  readonly total: number;
  readonly passed: number;
  /** In order; of more the first thousand. */
  readonly list: readonly (Omit<Attempt, "startedAt"> & { readonly startedAt: string })[];
  /** The first one that did not pass, where the test passed in the end. */
  readonly failure: RunReport | null;
}

/** The beginning and the end of a stream as text; what is no UTF-8 is U+FFFD. */
export interface OutputReport {
  readonly text: string;
  /** How many bytes in the middle were not kept. */
  readonly droppedBytes: number;
}

/** The result as plain data for `JSON.stringify`. */
export function matrixReport(result: MatrixResult): MatrixReport {
  const { startedAt, durationMs, jobs, stoppedBy, kernels, tests, cells, shuffle } = result;
  return {
    format: "vm-test",
    version: 1,
    startedAt: startedAt.toISOString(),
    durationMs,
    jobs,
    passed: hasPassed(result),
    counts: countVerdicts(cells),
    stoppedBy,
    shuffle: shuffle ?? null,
    origin: result.origin ?? null,
    invocation: result.invocation ?? null,
    comparison: result.comparison ?? null,
    expectations: result.expectations ?? null,
    kernels,
    tests: tests.map(({ name, file, command }) => ({ name, file, ...commandWords(command) })),
    cells: cells.map(cellReport),
  };
}

function commandWords(command: Uint8Array): Pick<TestReport, "command" | "commandBase64"> {
  const bytes = Buffer.from(command);
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes) ? { command: text } : { commandBase64: bytes.toString("base64") };
}

function cellReport({ kernel, test, end, origin }: CellResult): CellReport {
  return {
    kernel,
    test,
    verdict: cellVerdict(end),
    reason: describeEnd(end),
    run: end.kind === "ran" ? runReport(end) : null,
    problem: end.kind === "unusable" || end.kind === "broken" ? end.problem : null,
    origin: origin ?? null,
  };
}

function runReport(end: Extract<CellResult["end"], { kind: "ran" }>): RunReport {
  const report = commandReport(end.result);
  const { outcome, complaints } = report;
  return {
    ...report,
    startedAt: end.startedAt.toISOString(),
    outcome,
    complaints: complaints.map(({ kind, line }) => ({ kind, line })),
    console: cellVerdict(end) === "passed" ? [] : outputText(end.console).trimEnd().split(/\r*\n/),
    stdout: outputReport(end.stdout),
    stderr: outputReport(end.stderr),
    failure: end.failure === null ? null : failureData(end.failure, end.again ?? null),
    subtests: end.subtests ?? null,
    expected: end.expected ?? null,
    guest: end.guest ?? null,
    taint: end.taint ?? null,
    attempts: end.attempts === undefined ? null : attemptsReport(end.attempts),
  };
}

function attemptsReport({ total, passed, list, failure }: AttemptLog): AttemptsReport {
  return {
    total,
    passed,
    list: list.map(({ startedAt, durationMs, ...attempt }) => ({
      ...attempt,
      startedAt: startedAt.toISOString(),
      durationMs: durationMs === null ? null : Math.round(durationMs),
    })),
    failure: failure === null ? null : runReport(failure),
  };
}

function outputReport(output: CapturedOutput): OutputReport {
  return { text: outputText(output), droppedBytes: output.droppedBytes };
}
