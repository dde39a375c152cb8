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
  readonly tests?: readonly (TextTest | FileTest | KunitTest)[];
  readonly guest?: Omit<EmbeddedGuestSettings, "init">;
  readonly command?: Pick<CommandSettings, "bootTimeoutMs" | "failOn" | "timeoutMs">;
  /** `ktap`: a test whose output has no results in KTAP or TAP fails. Default: they are read where a version line is. */
  readonly results?: "ktap";
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
