import { errorCode } from "@vm/command-plan";
import type { CommandResult } from "@vm/guest-run";
import type { KtapReport } from "@vm/ktap";
import type { FailureReport } from "@vm/operations";
import { nextStep } from "@vm/operations/failure";
import type { CapturedOutput } from "./capture.js";
import type { ExpectationCheck } from "./expected/expectation-data.js";
import type { Comparison } from "./history/comparison-data.js";

/** What came of a matrix of kernels by tests. A run of one command on one kernel is a matrix of one cell. */
export interface MatrixResult {
  readonly startedAt: Date;
  readonly durationMs: number;
  /** The most guests that ran at once. */
  readonly jobs: number;
  readonly kernels: readonly KernelRow[];
  readonly tests: readonly TestColumn[];
  /** One for each kernel and test: all of the first kernel's, in the order of the tests, then the next one's. */
  readonly cells: readonly CellResult[];
  /** The signal that ended the run before its time; null when all cells had their turn. */
  readonly stoppedBy: number | null;
  /** Whether a test that passed on a later try counts as passed (the default). */
  readonly flaky?: "fail" | "pass";
  /** `nothing to do`: no cells are no failure, in a plan that has fewer cells than parts. Default: a missing answer is one. */
  readonly withoutCells?: "nothing to do";
  /** Where it ran, and what ran it; null: on no machine, or on several, and each cell says on which; absent: nobody said. */
  readonly origin?: RunOrigin | null;
  /** The words that asked for it, so that it can be asked for again; absent: nobody said. */
  readonly invocation?: Invocation;
  /** Compared with an older run; absent: nobody asked. */
  readonly comparison?: Comparison;
  /** What of the expected failures is not so; absent: none were named. */
  readonly expectations?: ExpectationCheck;
  /** By what the order of the tests was chosen; absent: they ran in the given one. */
  readonly shuffle?: Shuffle;
}

/** A command line of `vm test`, read. */
export interface Invocation {
  readonly cwd: string;
  readonly files: readonly string[];
  /** By their names in the program: texts, lists of texts, and true. */
  readonly options: { readonly [name: string]: string | boolean | readonly string[] };
}

/** Where a matrix was run. */
export interface RunOrigin {
  /** The version of vm. */
  readonly vm: string;
  /** The machine's name, its kernel, its number of CPUs. */
  readonly host: string;
  readonly hostKernel: string;
  readonly hostCpus: number;
}

/** An order of tests that was chosen by a number. */
export interface Shuffle {
  readonly seed: number;
  /** Names of tests, in the order in which each kernel ran them. */
  readonly order: readonly string[];
}

/** A kernel of the matrix. */
export interface KernelRow {
  /** Short, and unique in the matrix. */
  readonly name: string;
  /** What the person typed after `-k`. */
  readonly given: string;
  /** What its files say of `uname -r`; null when it could not be resolved. The paths likewise. */
  readonly release: string | null;
  readonly tree: string | null;
  readonly image: string | null;
  /** What will perhaps go wrong with it, a sentence each. */
  readonly warnings: readonly string[];
  /** What tells it from others of the same name; absent where nobody looked. */
  readonly identity?: KernelIdentity;
}

export interface KernelIdentity extends SourceIdentity {
  /** The version of the QEMU that ran it; null where it is not known, or not the same for all of its tests. */
  readonly qemu: string | null;
  /** Likewise. */
  readonly accelerator: string | null;
}

/** What can be told of a kernel before it runs. */
export interface SourceIdentity {
  /** `git describe` of its sources, with `-dirty`; null where they are in no repository. */
  readonly commit: string | null;
  /** Of the options of its `.config`, whatever their order; null where there is none. */
  readonly configSha256: string | null;
  readonly imageSha256: string;
}

/** A command of the matrix. */
export interface TestColumn {
  /** Short, one line, unique in the matrix. */
  readonly name: string;
  /** What the guest's shell gets. */
  readonly command: Uint8Array;
  /** The file that it was read from, as the person typed it; null for a command of the command line. */
  readonly file: string | null;
  /** Where its own results are looked for. Default: `{ from: "stdout", header: "recognised" }`. */
  readonly results?: ResultSource;
  /** What stands for it on a command line, where it is no command and no file: `kunit:list*`. */
  readonly suite?: string;
  /** Kernel parameters that it wants. */
  readonly parameters?: readonly string[];
  /** `shared`: others of its kernel may run in the same guest before it. Default: `own`. */
  readonly guest?: "own" | "shared";
}

/** Where the results of a test are: in KTAP or TAP, the tests inside it become rows of their own. */
export interface ResultSource {
  readonly from: "console" | "stdout";
  /** `recognised`: where a version line is; `wanted`: the test fails without, and on stdout no version line is needed. */
  readonly header: "recognised" | "wanted";
}

export interface CellResult {
  /** Names of the row and the column. */
  readonly kernel: string;
  readonly test: string;
  readonly end: CellEnd;
  /** Absent: what holds for the whole run holds for it. */
  readonly origin?: CellOrigin;
}

/** Where one cell ran, and on what. */
export interface CellOrigin extends RunOrigin {
  /** The version of QEMU; null where it tells none. */
  readonly qemu: string | null;
  readonly accelerator: string;
}

/** A test's place in a guest that it shared. */
export interface GuestPlace {
  /** Which guest of its kernel it was, from 1 on. */
  readonly number: number;
  /** Which of the guest's tests it was, from 1 on. */
  readonly position: number;
  /** The one before it; null for the first. */
  readonly after: string | null;
}

/** Why a kernel is not to be trusted any more. */
export interface TaintLeft {
  /** /proc/sys/kernel/tainted after the test. */
  readonly tainted: number;
  /** What the test added to it, as words: `OOT_MODULE`. */
  readonly added: readonly string[];
}

/** One run of a test of which there is more than one. */
export interface Attempt {
  readonly startedAt: Date;
  readonly durationMs: number | null;
  readonly verdict: "error" | "failed" | "flaky" | "passed" | "skipped" | "xfail";
  /** As a sentence. */
  readonly reason: string;
}

/** All runs of a test on a kernel, where there was more than one. */
export interface AttemptLog {
  readonly total: number;
  readonly passed: number;
  /** In order; of more the first thousand. */
  readonly list: readonly Attempt[];
  /** The first one that did not pass, where the test passed in the end. */
  readonly failure: Extract<CellEnd, { readonly kind: "ran" }> | null;
}

/** How the turn of a cell ended. */
export type CellEnd =
  /** A guest was started, or found to be impossible; how that ended stands in `result.outcome`. */
  | {
      readonly kind: "ran";
      readonly startedAt: Date;
      readonly result: CommandResult;
      readonly stdout: CapturedOutput;
      readonly stderr: CapturedOutput;
      readonly console: CapturedOutput;
      /** What there is to say of a run that did not pass; null where it did. */
      readonly failure: FailureReport | null;
      /** The tests inside it, of its output in KTAP or TAP; absent where it has none. */
      readonly subtests?: KtapReport;
      /** Why its failure was expected, and where that stands; absent: it was not, or there is none. */
      readonly expected?: string;
      /** Why it did not pass though its outcome says so: results were wanted, and there are none. */
      readonly lacks?: string;
      /** The guest, where it ran other tests as well. */
      readonly guest?: GuestPlace;
      /** What it left the kernel tainted with; absent: nothing, or nobody knows. */
      readonly taint?: TaintLeft;
      /** All runs of it, where there was more than one: this is the one that decides. */
      readonly attempts?: AttemptLog;
      /** The words that run it alone, as far as they can be said on a command line. */
      readonly again?: readonly string[];
    }
  /** The kernel cannot be run at all: it was not found, was never built, ... */
  | { readonly kind: "unusable"; readonly problem: Problem }
  /** Something of ours went wrong before there was a guest. */
  | { readonly kind: "broken"; readonly problem: Problem }
  /** It never had its turn: why, as a sentence. */
  | { readonly kind: "skipped"; readonly reason: string };

/** An error as data. */
export interface Problem {
  /** Stable, upper case, for example `KERNEL_NOT_BUILT`. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/**
 * @param error what was thrown, whatever it is
 * @param given what `-k` named, of an error about one kernel
 */
export function problemOf(error: unknown, given?: string): Problem {
  const { message, hint }: { message: string; hint?: unknown } =
    error instanceof Error ? error : { message: String(error) };
  const code = errorCode(error);
  const next = nextStep(
    { code, hint: typeof hint === "string" ? hint : undefined },
    given === undefined ? [] : [given],
  );
  return { code: code ?? "UNEXPECTED", message, ...(next === undefined ? {} : { hint: next }) };
}
