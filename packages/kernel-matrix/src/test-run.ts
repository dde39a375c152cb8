import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { isRevision } from "@vm/kernel-build";
import {
  bootLimitMs,
  installSelftests,
  lackingForSelftests,
  commandSettings,
  planEmbeddedGuest,
  stopOnAbort,
  type Host,
  type InstalledSelftests,
  type WantedSelftests,
  type Notice,
  type TestAttempts,
  type TestRequest,
} from "@vm/operations";
import { codedError, quoteShell } from "@vm/command-plan";
import { parseMemoryMiB } from "@vm/qemu-argv";
import type { AttemptRules } from "./attempts.js";
import { checkExpectations } from "./expected/expectation-check.js";
import { judgeBy } from "./expected/expected-ends.js";
import { readExpectations, type ExpectationList } from "./expected/expectations.js";
import { compareReports } from "./history/comparison.js";
import { readReport, type OldReport } from "./history/read-report.js";
import { guestsAtOnce, hasMemoryFor, readAvailableMiB } from "./capacity.js";
import { matrixReport } from "./report/json.js";
import { kernelIdentity } from "./kernel-identity.js";
import { prepareKernel, type NamedKernel, type Preparation, type PreparedKernel } from "./prepare-kernel.js";
import type { MatrixResult, TestColumn } from "./result.js";
import { shortNames } from "./row-names.js";
import type { CellSettings } from "./run-cell.js";
import { runMatrix, type RunMatrix } from "./run-matrix.js";
import { chosenTests, failedCells } from "./test-choice.js";
import { selftestChoices } from "./selftest-columns.js";
import { testColumns } from "./test-columns.js";

/** A matrix that is ready to be run: what could be wrong with its request on this host is not. */
export interface TestPlan {
  /** With unique names. */
  readonly kernels: readonly NamedKernel[];
  readonly tests: readonly TestColumn[];
  readonly settings: CellSettings;
  readonly preparation: Preparation;
  /** The most guests at once; absent: as many as the machine can handle. */
  readonly jobs?: number;
  readonly onFailure: RunMatrix["onFailure"];
  readonly attempts: AttemptRules;
  readonly flaky: "fail" | "pass";
  readonly seed?: number;
  /** Which of the cells are run, kernel by kernel; absent: all. */
  readonly picks?: (index: number) => boolean;
  /** Selftests among the tests. `installed`: null before they are built; then `withInstalled` is the plan. */
  readonly selftests?: {
    readonly wanted: WantedSelftests;
    readonly installed: InstalledSelftests | null;
    readonly withInstalled: (installed: InstalledSelftests) => TestPlan;
  };
  /** Which failures are expected. */
  readonly expected?: ExpectationList;
  /** With what the result is compared. */
  readonly baseline?: OldReport;
  /** `identities`: the result says what kernels and QEMUs they were, for a report that is kept. Default: `nothing`. */
  readonly keeps?: "identities" | "nothing";
}

/**
 * Reads a request and the files that it names, and starts nothing.
 *
 * @param again the words that run a cell alone
 * @param installed the selftests that it names; without them `selftests` of the plan says what is to be built
 * @throws what is wrong with all kernels alike: `REQUEST_INVALID`, `TEST_UNREADABLE`, `EXPOSE_MEANINGLESS`, ...
 */
export function planTests(
  request: TestRequest,
  host: Host,
  again?: CellSettings["again"],
  installed?: InstalledSelftests,
): TestPlan {
  const { kernels, tests = [], boot = {}, guest, command, jobs, results, onFailure = "go-on" } = request;
  const { guests, attempts = {}, flaky = "pass", seed } = request;
  const { cwd } = host;
  const selftests = tests.flatMap((test) => ("kselftest" in test ? selftestChoices(test.kselftest) : []));
  const unbuilt = selftests.length > 0 && installed === undefined;
  if (selftests.length > 0 && guest?.root !== undefined) {
    throw codedError(
      "SELFTESTS_FOREIGN",
      "selftests are built for this machine's libraries: --root has others",
    );
  }
  const all = testColumns(tests, cwd, installed);
  // What is chosen of them is known when they are built.
  const columns = (unbuilt ? all : chosenTests(all, request.only)).map((column): TestColumn => ({
    ...column,
    ...(results === "ktap" && column.results === undefined
      ? { results: { from: "stdout", header: "wanted" } }
      : {}),
    ...(guests === undefined ? {} : { guest: guests === "per-kernel" ? "shared" : "own" }),
  }));
  const embedded = guest ?? { kind: "embedded" };
  const plan = planEmbeddedGuest({ ...request, guest: embedded, boot }, host);
  // Which accelerator each kernel's guests get is not known yet.
  const limitMs = bootLimitMs(command?.bootTimeoutMs);
  const settings: CellSettings = {
    ...(again === undefined ? {} : { again }),
    guest: { ...plan.guest, kernelCmdline: (boot.parameters ?? []).join(" ") },
    command: {
      ...commandSettings(command, embedded, host),
      ...(limitMs === undefined ? {} : { bootTimeoutMs: limitMs }),
    },
  };
  guestSize(settings);
  // A revision is no path.
  const names = shortNames(kernels.map((given) => (isRevision(given) ? given : resolve(cwd, given))));
  const named = kernels.map((given, index): NamedKernel => ({ given, name: names[index] ?? given }));
  const { failedIn, baseline, expectedFailures } = request;
  return {
    ...(failedIn === undefined || unbuilt
      ? { kernels: named, tests: columns }
      : failedCells(failedIn, { kernels: named, tests: columns }, cwd)),
    ...(baseline === undefined ? {} : { baseline: readReport(baseline, cwd) }),
    ...(expectedFailures === undefined ? {} : { expected: readExpectations(expectedFailures, cwd) }),
    settings,
    preparation: { boot, guest: plan },
    ...(selftests.length === 0
      ? {}
      : {
          selftests: {
            wanted: {
              choices: selftests,
              kernels,
              ...(request.selftests === undefined ? {} : { source: request.selftests }),
            },
            installed: installed ?? null,
            withInstalled: (built) => planTests(request, host, again, built),
          },
        }),
    ...(jobs === undefined ? {} : { jobs }),
    onFailure,
    attempts: attemptRules(attempts),
    flaky,
    ...(seed === undefined ? {} : { seed }),
  };
}

function attemptRules({ repeat, until, retry = 0 }: TestAttempts): AttemptRules {
  return {
    repeat: repeat ?? (until === undefined ? 1 : Infinity),
    until: until ?? "count",
    retry,
  };
}

/** Makes every kernel ready, one after the other, and runs every test on it. */
export async function runTests(
  plan: TestPlan,
  host: Host,
  watch: (total: number) => Pick<RunMatrix, "onEvent" | "onStart">,
): Promise<MatrixResult> {
  const { selftests, keeps } = plan;
  if (selftests === undefined || selftests.installed !== null) return runPlanned(plan, host, watch);
  const built = selftests.withInstalled(await installSelftests(selftests.wanted, host));
  return runPlanned({ ...built, ...(keeps === undefined ? {} : { keeps }) }, host, watch);
}

async function runPlanned(
  {
    kernels: named,
    tests,
    settings,
    preparation,
    jobs,
    onFailure,
    attempts,
    flaky,
    seed,
    picks,
    baseline,
    expected,
    selftests,
    keeps = "nothing",
  }: TestPlan,
  host: Host,
  watch: (total: number) => Pick<RunMatrix, "onEvent" | "onStart">,
): Promise<MatrixResult> {
  const kernels: PreparedKernel[] = [];
  const once = sayOnce(host);
  for (const kernel of named)
    kernels.push(await withLacking(await prepareKernel(kernel, preparation, once), selftests, once));
  const total = kernels.length * tests.length;
  const isPicked = picks ?? (() => true);
  const { onStart, ...watched } = watch(
    Array.from({ length: total }, (_, index) => index).filter(isPicked).length,
  );
  let release: (() => void) | undefined;
  try {
    const result = await runMatrix({
      kernels,
      tests,
      settings,
      picks: isPicked,
      ...(jobs === undefined ? asManyAsBearable(kernels, settings) : { jobs }),
      onFailure,
      attempts,
      flaky,
      ...(seed === undefined ? {} : { seed }),
      ...(expected === undefined ? {} : { judge: judgeBy(expected) }),
      ...watched,
      onStart(control) {
        release = stopOnAbort(host.signal, control);
        onStart?.(control);
      },
    });
    const identified = keeps === "identities" ? await withIdentities(result, kernels, host) : result;
    const told = withExpectations(identified, expected);
    return baseline === undefined
      ? told
      : { ...told, comparison: compareReports(baseline, matrixReport(told), flaky) };
  } finally {
    release?.();
  }
}

/** Says, before it boots, what a kernel's configuration lacks for the selftests that are run on it. */
async function withLacking(
  kernel: PreparedKernel,
  selftests: TestPlan["selftests"],
  host: Host,
): Promise<PreparedKernel> {
  const installed = selftests?.installed;
  if (!installed || kernel.kind === "unusable" || kernel.build.configFile === undefined) return kernel;
  const targets = [...new Set(selftests.wanted.choices.map(({ target }) => target))];
  const lacking = await lackingForSelftests(installed.source, targets, kernel.build.configFile);
  const { row } = kernel;
  const told = lacking.map(({ target, file, options }) => {
    const message = `the selftests ${target} want ${options.join(", ")}`;
    const hint = `vm kconfig merge ${quoteShell(file)} adds what it lacks.`;
    host.notice({ kind: "warning", code: "SELFTESTS_CONFIG", message: `${row.name}: ${message}`, hint });
    return `${message}. ${hint}`;
  });
  return { ...kernel, row: { ...row, warnings: [...row.warnings, ...told] } };
}

/** A result that was judged by a list, with what of the list is not so. */
export function withExpectations(result: MatrixResult, expected: ExpectationList | undefined): MatrixResult {
  if (expected === undefined) return result;
  return { ...result, expectations: checkExpectations(expected, result.kernels, result.cells) };
}

/** What was run, for the report that keeps it. Asks QEMU, so it is not done where nobody wants to know, or somebody is waiting. */
async function withIdentities(
  result: MatrixResult,
  prepared: readonly PreparedKernel[],
  host: Host,
): Promise<MatrixResult> {
  if (result.stoppedBy !== null) return result;
  const identities = await Promise.all(prepared.map((kernel) => kernelIdentity(kernel, host)));
  const kernels = result.kernels.map((row, index) => {
    const identity = identities[index] ?? null;
    return identity === null ? row : { ...row, identity };
  });
  return { ...result, kernels };
}

/** A host that is told the same thing once: what holds for the machine is found out again with each kernel. */
export function sayOnce(host: Host): Host {
  const told = new Set<string>();
  const notice = (each: Notice): void => {
    const text = JSON.stringify(each);
    if (told.has(text)) return;
    told.add(text);
    host.notice(each);
  };
  return { ...host, notice };
}

/** CPUs and memory of a guest, in MiB. */
function guestSize({ guest }: CellSettings): { guestCpus: number; guestMemoryMiB: number } {
  return { guestCpus: guest.cpus ?? 1, guestMemoryMiB: parseMemoryMiB(guest.memory ?? "1G") };
}

export function asManyAsBearable(
  kernels: readonly PreparedKernel[],
  settings: CellSettings,
): Pick<RunMatrix, "hasRoom" | "jobs"> {
  const size = guestSize(settings);
  const emulated = kernels.some(
    (kernel) => kernel.kind === "ready" && kernel.accelerator.accelerator !== "kvm",
  );
  return {
    jobs: guestsAtOnce({
      ...size,
      hostCpus: availableParallelism(),
      availableMiB: readAvailableMiB(),
      accelerator: emulated ? "emulation" : "hardware",
    }),
    hasRoom: () => hasMemoryFor(size.guestMemoryMiB, readAvailableMiB()),
  };
}
