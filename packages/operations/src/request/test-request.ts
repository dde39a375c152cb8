import type { BootedKernel } from "./booted-kernel.js";
import type { CommandSettings, EmbeddedGuestSettings } from "./guest-settings.js";
import type { MachineSettings } from "./machine-settings.js";

/** Commands on kernels, each pair in an embedded guest of its own: `vm test`. */
export interface TestRequest extends Omit<MachineSettings, "debug" | "qemuOptions"> {
  readonly operation: "test";
  /** What `-k` takes, each. At least one. */
  readonly kernels: readonly string[];
  /** What all of them boot with. */
  readonly boot?: Omit<BootedKernel, "name" | "initrd">;
  /** In this order. None: the test is that the kernel boots. */
  readonly tests?: readonly (TextTest | FileTest | KunitTest | SelftestTest)[];
  /** The kernel source whose selftests are run. Default: that of the kernels. */
  readonly selftests?: string;
  readonly guest?: Omit<EmbeddedGuestSettings, "init">;
  readonly command?: Pick<CommandSettings, "bootTimeoutMs" | "environment" | "failOn" | "timeoutMs">;
  /** `ktap`: a test whose output has no results in KTAP or TAP fails. Default: they are read where a version line is. */
  readonly results?: "ktap";
  /** Of the tests those whose name one of these fits, with `*` and `?`: all of it, or what stands behind a `:` or `/`. Default: all. */
  readonly only?: readonly string[];
  /** A JSON report of an earlier run: of the tests on kernels those that did not pass in it. Default: all. */
  readonly failedIn?: string;
  /** A JSON report of an earlier run, with which this one is compared. */
  readonly baseline?: string;
  /** A file of failures that are expected: `PATTERN # REASON` or `PATTERN # until RELEASE: REASON`, a line each. */
  readonly expectedFailures?: string;
  /** `per-kernel`: the tests of a kernel share a guest, as long as none of them breaks it. Default: `per-test`. */
  readonly guests?: "per-kernel" | "per-test";
  /** How often each of them is run; default: once. */
  readonly attempts?: TestAttempts;
  /** Whether a test that passed when it was tried again counts as passed. Default: `pass`. */
  readonly flaky?: "fail" | "pass";
  /** Chooses an order of the tests, the same for each kernel: a number below 2^32. Absent: the given one. */
  readonly seed?: number;
  /** The most guests at once; default: by CPUs and free memory. */
  readonly jobs?: number;
  /** `stop`: the first test that does not pass ends the run. Default: `go-on`. */
  readonly onFailure?: "go-on" | "stop";
}

/** How often a test is run on a kernel. */
export interface TestAttempts {
  /** That many times. Default: once; with `until` without end. */
  readonly repeat?: number;
  /** `failure`: nothing is repeated any more once a test has failed. */
  readonly until?: "failure";
  /** How often it may be tried again when it does not pass. Default: never. */
  readonly retry?: number;
}

/** A command for the guest's sh. */
export interface TextTest {
  readonly command: string;
}

/** A file with commands for the guest's sh; a `#!` line that names another interpreter is honoured. */
export interface FileTest {
  readonly file: string;
}

/** The kernel's own unit tests, those built in and those in its modules. */
export interface KunitTest {
  /** Which suites and tests, as `kunit.filter_glob` takes them: `list*`, `list_sort.list_sort_test`, `*`. */
  readonly kunit: string;
}

/** Programs of the kernel's selftests, each a test of its own: they are built on this host. */
export interface SelftestTest {
  /** Targets, or single programs of them, separated by commas: `timers,size:get_size`. */
  readonly kselftest: string;
}

/** A matrix of commands and kernels prepared for other machines, and nothing run: `vm test --plan`. */
export interface PlanCellsRequest {
  readonly operation: "plan-cells";
  readonly test: TestRequest;
  /** Where the plan is written; empty, or none yet. */
  readonly directory: string;
}

/** Cells of a plan are run: `vm test --run`. */
export interface RunCellsRequest {
  readonly operation: "run-cells";
  /** The plan's. */
  readonly directory: string;
  /** Default: `all`. */
  readonly choice?: CellChoice;
  /** The most guests at once; default: by CPUs and free memory. */
  readonly jobs?: number;
  /** The number of this attempt at each cell, where a queue counts them; default: the next one. */
  readonly attempt?: number;
  /** As for `test`. */
  readonly flaky?: "fail" | "pass";
  /** As for `test`. */
  readonly seed?: number;
}

/** Which cells of a plan are run: one, every `of`th one from `shard` on, or all. They count from 1. */
export type CellChoice =
  | { readonly kind: "cell"; readonly cell: number }
  | { readonly kind: "shard"; readonly shard: number; readonly of: number }
  | { readonly kind: "all" };

/** What there is of a plan's results, as those of one run: `vm test --collect`. */
export interface CollectCellsRequest {
  readonly operation: "collect-cells";
  /** The plan's. */
  readonly directory: string;
  /** `until-answered`: until every cell has its answer, or its queue says that none will come. Default: `no`. */
  readonly wait?: "no" | "until-answered";
  /** As for `test`. */
  readonly flaky?: "fail" | "pass";
  /** `stop`: the first cell that does not pass ends the waiting, and cancels what is queued. Default: `go-on`. */
  readonly onFailure?: "go-on" | "stop";
  /** As for `test`. */
  readonly baseline?: string;
  /** As for `test`. */
  readonly expectedFailures?: string;
}

/** Other machines run the cells, with the reports of a run here: `vm test --on`. */
export interface SubmitCellsRequest {
  readonly operation: "submit-cells";
  /** What is planned first. Absent: the plan is there. */
  readonly test?: TestRequest;
  /** The plan's. Default: one that is there for this run alone. */
  readonly directory?: string;
  readonly on: SlurmQueue | SshHosts;
  /** The most guests at once: all together for Slurm, on each host by ssh. Default: as many as the cluster gives, or the host can handle. */
  readonly jobs?: number;
  /** `no`: it ends when they are submitted to Slurm. Default: `until-answered`. */
  readonly wait?: "no" | "until-answered";
  /** As for `test`. */
  readonly flaky?: "fail" | "pass";
  /** As for `test`. */
  readonly onFailure?: "go-on" | "stop";
}

/** The queue of a Slurm. */
export interface SlurmQueue {
  readonly kind: "slurm";
  /** Several are separated by commas. Default: that of SBATCH_PARTITION, else the cluster's. */
  readonly partition?: string;
}

/** Machines that are reached by ssh, and have the same vm. */
export interface SshHosts {
  readonly kind: "ssh";
  /** As ssh takes them: `name`, `user@name`, `ssh://user@name:port`. At least one. */
  readonly hosts: readonly string[];
}

/** What came of tests in several runs: `vm report`. */
export interface ReportRequest {
  readonly operation: "report";
  /** JSON reports of `vm test`. At least one. */
  readonly reports: readonly string[];
}
