import { checkMemory } from "@vm/vm-store";
import { MOST_SEED, randomSeed, type TestColumn } from "@vm/kernel-matrix";
import { readSelftests, type TestRequest } from "@vm/operations";
import type { Caller, DryRun } from "../caller.js";
import { parseAccelerator, parseCount, parseRevisionBuild, parseShareRequest } from "../option-values.js";
import { checkParameters } from "../run/kernel-parameters.js";
import { checkGitOptions } from "../run/option-check.js";
import { refusePackages } from "../run/package-words.js";
import type { EmbeddedOptions, GitKernelOptions } from "../run/run-options.js";
import { commandLimits, embeddedGuest } from "../run/run-request.js";
import { usageError } from "../usage-error.js";

/** The options of `vm test`, their texts. */
export interface MatrixOptions extends DryRun, EmbeddedOptions {
  readonly kernel?: readonly string[];
  readonly exec?: readonly string[];
  readonly append?: readonly string[];
  readonly accel?: string;
  readonly qemu?: string;
  readonly env?: readonly string[];
  readonly share?: readonly string[];
  readonly jobs?: string;
  readonly failFast?: true;
  readonly ktap?: true;
  readonly only?: readonly string[];
  readonly rerunFailed?: string;
  readonly baseline?: string;
  readonly expectedFailures?: string;
  readonly selftests?: string;
  readonly guest?: string;
  readonly repeat?: string;
  readonly untilFail?: true;
  readonly retry?: string;
  readonly flaky?: string;
  readonly seed?: string;
  readonly timeout?: string;
  readonly bootTimeout?: string;
  readonly failOn?: string;
  readonly report?: string;
  readonly junit?: string;
  readonly html?: string;
  readonly json?: true;
  readonly full?: true;
  readonly fragments?: string;
  readonly base?: string;
  readonly arch?: string;
  readonly busybox?: string;
  readonly plan?: string;
  readonly run?: string;
  readonly cell?: string;
  readonly shard?: string;
  readonly collect?: string;
  readonly wait?: true;
  readonly attempt?: string;
  readonly on?: string;
  readonly detach?: true;
}

/** What is asked for with `vm test [OPTIONS] [FILES]`. @throws USAGE */
export function testRequest(
  files: readonly string[],
  options: MatrixOptions,
  { env }: Pick<Caller, "env">,
): TestRequest {
  const { kernel: kernels = [], exec = [], append, busybox, share } = options;
  const { cpus, memory, accel, qemu, jobs, failFast } = options;
  const way = parseShareRequest(share);
  checkParameters(append);
  if (options.flaky !== undefined && options.retry === undefined)
    throw usageError("--flaky needs --retry N: a test is flaky when it passes on a later try");
  refusePackages(files, "test");
  if (memory !== undefined) checkMemory(memory);
  const revisions = gitOptions(options);
  const build = parseRevisionBuild(revisions);
  if (kernels.length === 0) throw usageError("no kernel given", "Name at least one with -k BUILD.");
  checkGitOptions(kernels, revisions);
  return {
    operation: "test",
    kernels,
    boot: {
      ...(build === undefined ? {} : { build }),
      ...(append === undefined ? {} : { parameters: append }),
      ...(busybox === undefined ? {} : { busybox }),
      ...(way === undefined ? {} : { share: way }),
    },
    tests: [...exec.map((command) => ({ command })), ...files.map(fileOrSuite)],
    guest: embeddedGuest(options),
    command: commandLimits(options, env),
    ...(cpus === undefined ? {} : { cpus: parseCount(cpus, "-c") }),
    ...(memory === undefined ? {} : { memory }),
    ...(accel === undefined ? {} : { accelerator: parseAccelerator(accel) }),
    ...(qemu === undefined ? {} : { qemu }),
    ...(jobs === undefined ? {} : { jobs: parseCount(jobs, "-j") }),
    ...(options.ktap === true ? { results: "ktap" } : {}),
    ...(options.only === undefined ? {} : { only: options.only }),
    ...(options.rerunFailed === undefined ? {} : { failedIn: options.rerunFailed }),
    ...(options.baseline === undefined ? {} : { baseline: options.baseline }),
    ...selftestsOption(files, options),
    ...expectedFailures(options),
    ...guestWay(options),
    ...testAttempts(options),
    ...flakyPolicy(options),
    ...orderSeed(options),
    ...(failFast === true ? { onFailure: "stop" } : {}),
  };
}

/** `--expected-failures`. */
export function expectedFailures({
  expectedFailures: file,
}: MatrixOptions): Pick<TestRequest, "expectedFailures"> {
  return file === undefined ? {} : { expectedFailures: file };
}

function guestWay({ guest }: MatrixOptions): Pick<TestRequest, "guests"> {
  if (guest === undefined) return {};
  if (guest === "per-kernel" || guest === "per-test") return { guests: guest };
  throw usageError(`--guest: expected per-test or per-kernel, got '${guest}'`);
}

function testAttempts({ repeat, untilFail, retry }: MatrixOptions): Pick<TestRequest, "attempts"> {
  if ((repeat ?? untilFail ?? retry) === undefined) return {};
  return {
    attempts: {
      ...(repeat === undefined ? {} : { repeat: parseCount(repeat, "--repeat") }),
      ...(untilFail === true ? { until: "failure" } : {}),
      ...(retry === undefined ? {} : { retry: parseCount(retry, "--retry") }),
    },
  };
}

/** `--flaky`. @throws USAGE */
export function flakyPolicy({ flaky }: MatrixOptions): Pick<TestRequest, "flaky"> {
  if (flaky === undefined) return {};
  if (flaky === "pass" || flaky === "fail") return { flaky };
  throw usageError(`--flaky: expected pass or fail, got '${flaky}'`);
}

/** `--seed`. @throws USAGE */
export function orderSeed({ seed }: MatrixOptions): Pick<TestRequest, "seed"> {
  if (seed === undefined) return {};
  if (seed === "random") return { seed: randomSeed() };
  if (/^\d{1,10}$/.test(seed) && Number(seed) <= MOST_SEED) return { seed: Number(seed) };
  throw usageError(`--seed: expected a number up to ${MOST_SEED}, or random, got '${seed}'`);
}

const KUNIT = /^kunit(?::(.*))?$/s;

const KSELFTEST = /^kselftest(?::(.*))?$/s;

/** Whether a word stands for selftests of the kernel. */
export function isSelftests(word: string): boolean {
  return KSELFTEST.test(word);
}

function selftestsOption(
  files: readonly string[],
  { selftests }: MatrixOptions,
): Pick<TestRequest, "selftests"> {
  if (selftests === undefined) return {};
  if (!files.some(isSelftests))
    throw usageError("--selftests needs kselftest:TARGETS, the selftests to be run");
  return { selftests };
}

function selftestWords(word: string): { readonly kselftest: string } {
  const [, words = ""] = KSELFTEST.exec(word) ?? [];
  if (readSelftests(words) !== null) return { kselftest: words };
  throw usageError(
    `${word}: expected targets of the kernel's selftests, got '${words}'`,
    "Such as kselftest:timers,size or kselftest:timers:rtcpie. A file of that name is ./kselftest...",
  );
}

/** A suite by its word; a file of that name is `./kunit`. */
function fileOrSuite(word: string): NonNullable<TestRequest["tests"]>[number] {
  if (isSelftests(word)) return selftestWords(word);
  const match = KUNIT.exec(word);
  if (match === null) return { file: word };
  const [, glob = "*"] = match;
  if (!/^[-\w.*?[\]!]+$/.test(glob)) {
    throw usageError(
      `${word}: expected names of suites and tests with * and ?, got '${glob}'`,
      "Such as kunit:list* or kunit:example.example_simple_test. A file of that name is ./kunit...",
    );
  }
  return { kunit: glob };
}

/** How revisions are built: `-j` is the number of guests here. */
function gitOptions({ fragments, base, arch }: MatrixOptions): GitKernelOptions {
  return {
    ...(fragments === undefined ? {} : { fragments }),
    ...(base === undefined ? {} : { base }),
    ...(arch === undefined ? {} : { arch }),
  };
}

/** The words that run one cell alone. @param program how a script calls this `vm` */
export function cellWords(
  options: MatrixOptions,
  {
    program,
    kernel,
    test,
  }: {
    readonly program: readonly string[];
    readonly kernel: string;
    readonly test: Pick<TestColumn, "command" | "file" | "suite">;
  },
): string[] {
  const text = Buffer.from(test.command).toString("utf8");
  // No argument of ours can hold bytes that are no UTF-8.
  const asText = Buffer.from(text).equals(test.command);
  const { file, suite } = test;
  const how = suite !== undefined ? [suite] : asText || file === null ? ["--exec", text] : [file];
  // `vm test` also reads the results inside an output: its status is the cell's verdict.
  const { selftests: _, ...others } = options;
  const set = suite !== undefined && isSelftests(suite) ? options : others;
  return [...program, "test", "-k", kernel, ...runWords(set), ...how];
}

/** The whole matrix as words: kernels, tests, and what they are run with. */
export function matrixWords(files: readonly string[], options: MatrixOptions): string[] {
  const { kernel = [], exec = [] } = options;
  const { full: _, flaky: __, ...planned } = options;
  return [
    ...kernel.flatMap((name) => ["-k", name]),
    ...exec.flatMap((command) => ["--exec", command]),
    ...runWords(planned),
    ...files,
  ];
}

/** What is about reports, as words. */
export function reportWords({ report, junit, html, json, full, flaky }: MatrixOptions): string[] {
  const named = Object.entries({ report, junit, html, flaky });
  return [
    ...named.flatMap(([name, file]) => (file === undefined ? [] : [`--${name}`, file])),
    ...(json === true ? ["--json"] : []),
    ...(full === true ? ["--full"] : []),
  ];
}

/** The same options as words for a run of one of the cells. */
export function runWords(options: MatrixOptions): string[] {
  const {
    append = [],
    accel,
    qemu,
    share = [],
    env = [],
    timeout,
    bootTimeout,
    failOn,
    root,
    ro = [],
    rw = [],
    expose = [],
  } = options;
  const { user, full, cpus, memory, network, busybox, fragments, base, arch } = options;
  const valued: readonly (readonly [flag: string, value: string | undefined])[] = [
    ...append.map((parameter) => ["-a", parameter] as const),
    ["--accel", accel],
    ["--qemu", qemu],
    ...share.map((value) => ["--share", value] as const),
    ...env.map((value) => ["--env", value] as const),
    ["--timeout", timeout],
    ["--boot-timeout", bootTimeout],
    ["--fail-on", failOn],
    ["--repeat", options.repeat],
    ["--retry", options.retry],
    ["--flaky", options.flaky],
    ["--selftests", options.selftests],
    ["--root", root],
    ...ro.map((path) => ["--ro", path] as const),
    ...rw.map((path) => ["--rw", path] as const),
    ...expose.map((path) => ["--expose", path] as const),
    ["-c", cpus],
    ["-m", memory],
    ["--network", network],
    ["--busybox", busybox],
    ["--fragments", fragments],
    ["--base", base],
    ["--arch", arch],
  ];
  return [
    ...valued.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value])),
    ...(user === true ? ["--user"] : []),
    ...(options.ktap === true ? ["--ktap"] : []),
    ...(full === true ? ["--full"] : []),
  ];
}
