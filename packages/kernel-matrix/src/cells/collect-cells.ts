import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { resolve } from "node:path";
import { isOnLocalFileSystem } from "@vm/host-files";
import {
  explainFailure,
  imageSha256,
  kernelLookup,
  resolveKernel,
  type CollectCellsRequest,
  stopOnAbort,
  type Host,
  type KernelBuild,
} from "@vm/operations";
import { judgeBy } from "../expected/expected-ends.js";
import { readExpectations, type ExpectationList } from "../expected/expectations.js";
import { withExpectations } from "../test-run.js";
import { compareReports } from "../history/comparison.js";
import { readReport, type OldReport } from "../history/read-report.js";
import { matrixReport } from "../report/json.js";
import type { CellEnd, CellResult, MatrixResult } from "../result.js";
import { FAIL_FAST, type MatrixControl, type RunMatrix } from "../run-matrix.js";
import { cellVerdict, isGood } from "../verdict.js";
import type { CellQueue } from "./cell-queue.js";
import { newestOfAll, readStates, type CellState } from "./cell-results.js";
import { withOrigins } from "./cell-origins.js";
import { cellAt, cellCount, readManifest, type Manifest, type PlannedKernel } from "./manifest.js";

/** Results of a plan's cells, to be put together. */
export interface Collection {
  /** Of the plan; absolute. */
  readonly directory: string;
  readonly manifest: Manifest;
  readonly total: number;
  /** `until-answered`: until every cell has its answer, or something ends the waiting. */
  readonly wait: "no" | "until-answered";
  readonly flaky: "fail" | "pass";
  /** `stop`: the first cell that does not pass ends the waiting, and cancels what is in the queue. */
  readonly onFailure: "go-on" | "stop";
  /** Number of the newest attempt at any cell; 0: none was begun. */
  readonly newestAttempt: number;
  /** Which failures are expected. */
  readonly expected?: ExpectationList;
  /** With what the result is compared. */
  readonly baseline?: OldReport;
}

/** @throws `PLAN_UNREADABLE` */
export function openCollection(
  {
    directory,
    wait = "no",
    flaky = "pass",
    onFailure = "go-on",
    baseline,
    expectedFailures,
  }: CollectCellsRequest,
  { cwd }: Pick<Host, "cwd">,
): Collection {
  const place = resolve(cwd, directory);
  const manifest = readManifest(place);
  return {
    directory: place,
    manifest,
    total: cellCount(manifest),
    newestAttempt: newestOfAll(place),
    wait,
    flaky,
    onFailure,
    ...(expectedFailures === undefined ? {} : { expected: readExpectations(expectedFailures, cwd) }),
    ...(baseline === undefined ? {} : { baseline: readReport(baseline, cwd) }),
  };
}

/** How often the results are looked at: a network file system tells nobody of changes. */
const POLL_MS = 250;

/**
 * How long an answer may be there and not be seen: NFS looks at a directory's changes after 60 s at the latest (acdirmax of nfs(5)), on a
 * file system of this machine at once.
 */
function answerDelayMs(directory: string): number {
  return isOnLocalFileSystem(directory) ? 1000 : 65_000;
}

export interface CollectSettings extends Pick<RunMatrix, "onEvent" | "onStart"> {
  /** Who begins the cells. Absent: nobody knows, and a cell is waited for until there is an answer. */
  readonly queue?: CellQueue | undefined;
  /** Number of the newest attempt before the cells were given to the queue: what it and older ones answered is of another run. Default: 0. */
  readonly after?: number | undefined;
  /** `cancel`: a signal cancels what is in the queue, but for SIGHUP: a lost terminal is no order. Default: only the waiting ends. */
  readonly onStop?: "cancel" | "leave";
}

/** The results as those of one run. A cell without an answer is an error, with what is known of it. @throws what `queue.cancel` throws */
export async function collectCells(
  { directory, manifest, total, wait, flaky, onFailure, baseline, expected }: Collection,
  host: Host,
  { queue, after = 0, onStop = "leave", onEvent = () => {}, onStart = () => {} }: CollectSettings,
): Promise<MatrixResult> {
  const over = new AbortController();
  let stoppedBy: number | null = null;
  const control: MatrixControl = {
    stop(signal) {
      stoppedBy ??= signal;
      over.abort();
    },
  };
  onStart(control);
  const release = stopOnAbort(host.signal, control);
  let failedFast = false;
  const mayCancel = (signal: number | null): boolean =>
    onStop === "cancel" && signal !== constants.signals.SIGHUP;
  const told = new Map<number, "begun" | "ended">();
  const answered = new Map<string, CellState>();
  const follow = queue === undefined ? undefined : followQueue(queue, answerDelayMs(directory));
  const judge = expected === undefined ? undefined : judgeBy(expected);
  const judged = (index: number, cell: CellResult): CellResult => {
    const row = cellAt(manifest, index)?.kernel.row;
    return judge === undefined || row === undefined
      ? cell
      : { ...cell, end: judge(row, cell.test, cell.end) };
  };
  const results = (state: CellState, index: number): CellResult =>
    judged(
      index,
      resultOf(manifest, index, state, { lost: follow?.lost.get(index + 1), stoppedBy, failedFast }),
    );
  const isOver = (state: CellState, index: number): boolean =>
    isAnswered(state) || follow?.lost.has(index + 1) === true;
  const read = (): CellState[] => {
    const states = readStates(directory, manifest, total, answered, after);
    for (const [index, state] of states.entries()) {
      if (state.kind === "begun" && !told.has(index)) {
        told.set(index, "begun");
        onEvent({ kind: "started", ...namesOf(manifest, index) });
      }
      if (isOver(state, index) && told.get(index) !== "ended") {
        told.set(index, "ended");
        const cell = results(state, index);
        onEvent({ kind: "ended", cell });
        if (onFailure === "stop" && !isGood(cellVerdict(cell.end), flaky)) {
          failedFast = true;
          over.abort();
        }
      }
    }
    return states;
  };
  try {
    let states = read();
    const mayWait = (): boolean => wait === "until-answered" && !over.signal.aborted;
    while (mayWait() && !states.every(isOver)) {
      await sleep(POLL_MS, undefined, { signal: over.signal }).catch(() => {});
      // First the queue: what has ended by its word has written its answer before.
      follow?.look();
      states = read();
    }
    if (over.signal.aborted && !states.every(isOver) && (failedFast || mayCancel(stoppedBy))) {
      await queue?.cancel();
      states = read();
    }
    const explained = explainer(manifest, host);
    const cells: CellResult[] = [];
    for (const [index, state] of states.entries()) cells.push(await explained(index, results(state, index)));
    const result = withExpectations(
      {
        ...times(manifest, states),
        ...withOrigins(manifest, cells),
        tests: manifest.tests,
        stoppedBy,
        flaky,
      },
      expected,
    );
    return baseline === undefined
      ? result
      : { ...result, comparison: compareReports(baseline, matrixReport(result), flaky) };
  } finally {
    release();
  }
}

/** What the queue says, asked as often as it may be, beside the waiting. */
interface Follow {
  /** By cell, from 1 on: why it will have no answer. */
  readonly lost: ReadonlyMap<number, string>;
  /** Takes what the queue has said since, and asks again where it is time to. */
  look(): void;
}

/** @param delayMs how much later than the queue's word an answer may be seen here */
function followQueue(queue: CellQueue, delayMs: number): Follow {
  const lost = new Map<number, string>();
  let since = new Map<number, number>();
  let news: readonly (readonly [cell: number, how: string])[] = [];
  let isAsking = false;
  let next = 0;
  const ask = async (): Promise<void> => {
    const ended = await queue.ended();
    if (ended === null) return;
    const now = performance.now();
    // What is in the queue again has not ended.
    since = new Map([...ended.keys()].map((cell) => [cell, since.get(cell) ?? now]));
    const late = [...ended].filter(([cell]) => now - (since.get(cell) ?? now) >= delayMs && !lost.has(cell));
    news = await Promise.all(
      late.map(async ([cell, how]) => [cell, `${how}${await queue.explain(cell)}`] as const),
    );
  };
  const look = (): void => {
    for (const [cell, why] of news) lost.set(cell, why);
    news = [];
    if (isAsking || performance.now() < next) return;
    isAsking = true;
    void ask().finally(() => {
      isAsking = false;
      next = performance.now() + queue.pauseMs;
    });
  };
  return { lost, look };
}

/** An attempt that began while an older one has answered has no answer yet. */
function isAnswered({ kind }: CellState): boolean {
  return kind === "answered" || kind === "unreadable";
}

function namesOf(manifest: Manifest, index: number): { readonly kernel: string; readonly test: string } {
  const { kernel, test } = cellAt(manifest, index) ?? {};
  return { kernel: kernel?.row.name ?? "", test: test?.name ?? "" };
}

interface Ending {
  /** Why it will have no answer, by the word of its queue. */
  readonly lost: string | undefined;
  readonly stoppedBy: number | null;
  readonly failedFast: boolean;
}

function resultOf(manifest: Manifest, index: number, state: CellState, ending: Ending): CellResult {
  if (state.kind === "answered") return state.answer.result;
  return { ...namesOf(manifest, index), end: withoutAnswer(index + 1, state, ending) };
}

function withoutAnswer(
  cell: number,
  state: Exclude<CellState, { readonly kind: "answered" }>,
  { lost, stoppedBy, failedFast }: Ending,
): CellEnd {
  if (state.kind === "unreadable") {
    return problem(
      "RESULT_UNREADABLE",
      `the result of cell ${cell}, ${state.file}, cannot be used: ${state.reason}`,
    );
  }
  if (lost !== undefined) return problem("CELL_LOST", `no answer: ${lost}`);
  if (failedFast) return { kind: "skipped", reason: FAIL_FAST };
  if (state.kind === "not-begun") {
    return stoppedBy === null
      ? problem("CELL_NOT_RUN", `no answer: cell ${cell} was never begun`)
      : { kind: "skipped", reason: `the wait for it was stopped by signal ${stoppedBy}` };
  }
  const { attempt, begin } = state;
  const who = begin === null ? "" : ` on ${begin.host} at ${begin.at.toISOString()}`;
  const since =
    begin?.stoppedBy === undefined
      ? "nothing was heard of it since"
      : `was stopped by signal ${begin.stoppedBy}`;
  return problem(
    "CELL_UNANSWERED",
    `no answer: attempt ${attempt} at cell ${cell} began${who}, and ${since}`,
  );
}

/** When the first guest was begun, the time from then to the last answer, and how many there were at once. */
function times(
  { plannedAt }: Manifest,
  states: readonly CellState[],
): Pick<MatrixResult, "durationMs" | "jobs" | "startedAt"> {
  const spans = states.flatMap((state) =>
    state.kind === "answered"
      ? [[state.answer.begin.at.getTime(), state.answer.endedAt.getTime()] as const]
      : [],
  );
  if (spans.length === 0) return { startedAt: plannedAt, durationMs: 0, jobs: 1 };
  const first = spans.reduce((least, [begin]) => Math.min(least, begin), Infinity);
  const last = spans.reduce((most, [, end]) => Math.max(most, end), 0);
  const jobs = mostAtOnce(spans);
  return { startedAt: new Date(first), durationMs: Math.max(0, last - first), jobs };
}

/** At one instant an end comes before a begin: one guest after another is never two. */
function mostAtOnce(spans: readonly (readonly [begin: number, end: number])[]): number {
  const changes = spans
    .filter(([begin, end]) => begin < end)
    .flatMap(([begin, end]) => [
      { at: begin, by: 1 },
      { at: end, by: -1 },
    ])
    .toSorted((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  let most = 1;
  for (const { by } of changes) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

function problem(code: string, message: string): CellEnd {
  return { kind: "broken", problem: { code, message } };
}

/**
 * Finds the lines of source text where the kernel that was copied still stands: its symbols are not in the plan. What the machine found
 * that ran it stays otherwise.
 */
function explainer(manifest: Manifest, host: Host): (index: number, cell: CellResult) => Promise<CellResult> {
  const builds = new Map<PlannedKernel, Promise<KernelBuild | null>>();
  return async (index, cell) => {
    const { end } = cell;
    const kernel = cellAt(manifest, index)?.kernel;
    if (kernel === undefined || end.kind !== "ran" || end.failure === null) return cell;
    let build = builds.get(kernel);
    if (build === undefined) builds.set(kernel, (build = plannedBuild(kernel, host)));
    const found = await build;
    if (found === null) return cell;
    const failure = await explainFailure(end.result, found, { ...host, cwd: manifest.cwd });
    return { ...cell, end: { ...end, failure } };
  };
}

async function plannedBuild({ row, copy }: PlannedKernel, host: Host): Promise<KernelBuild | null> {
  const place = row.tree ?? row.image;
  if (place === null || copy === null) return null;
  try {
    const build = await resolveKernel(place, kernelLookup({ ...host, notice: () => {} }, "script"));
    return imageSha256(build.image) === copy.imageSha256 ? build : null;
  } catch {
    // Gone, or on another machine.
    return null;
  }
}
