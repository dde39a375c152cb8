import { setTimeout as sleep } from "node:timers/promises";
import { resolve } from "node:path";
import {
  explainFailure,
  imageSha256,
  kernelLookup,
  resolveKernel,
  type CollectCellsRequest,
  type Host,
  type KernelBuild,
} from "@vm/operations";
import type { CellEnd, CellResult, MatrixResult } from "../result.js";
import type { MatrixControl, RunMatrix } from "../run-matrix.js";
import { readStates, type CellState } from "./cell-results.js";
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
}

/** @throws `PLAN_UNREADABLE` */
export function openCollection(
  { directory, wait = "no", flaky = "pass" }: CollectCellsRequest,
  { cwd }: Pick<Host, "cwd">,
): Collection {
  const place = resolve(cwd, directory);
  const manifest = readManifest(place);
  return { directory: place, manifest, total: cellCount(manifest), wait, flaky };
}

/** How often the results are looked at: a network file system tells nobody of changes. */
const POLL_MS = 250;

/** The results as those of one run. A cell without an answer is an error, with what is known of it. */
export async function collectCells(
  { directory, manifest, total, wait, flaky }: Collection,
  host: Host,
  { onEvent, onStart }: Pick<RunMatrix, "onEvent" | "onStart">,
): Promise<MatrixResult> {
  const over = new AbortController();
  let stoppedBy: number | null = null;
  const control: MatrixControl = {
    stop(signal) {
      stoppedBy ??= signal;
      over.abort();
    },
  };
  onStart?.(control);
  const told = new Map<number, "begun" | "ended">();
  const answered = new Map<string, CellState>();
  const read = (): CellState[] => {
    const states = readStates(directory, manifest, total, answered);
    for (const [index, state] of states.entries()) {
      const { kernel, test } = namesOf(manifest, index);
      if (state.kind === "begun" && !told.has(index)) {
        told.set(index, "begun");
        onEvent?.({ kind: "started", kernel, test });
      }
      if (isEnded(state) && told.get(index) !== "ended") {
        told.set(index, "ended");
        onEvent?.({ kind: "ended", cell: resultOf(manifest, index, state, null) });
      }
    }
    return states;
  };
  const mayWait = (): boolean => wait === "until-answered" && !over.signal.aborted;
  let states = read();
  while (!states.every(isEnded) && mayWait()) {
    await sleep(POLL_MS, undefined, { signal: over.signal }).catch(() => {});
    states = read();
  }
  const explained = explainer(manifest, host);
  const cells: CellResult[] = [];
  for (const [index, state] of states.entries()) {
    cells.push(await explained(index, resultOf(manifest, index, state, stoppedBy)));
  }
  return {
    ...times(manifest, states),
    kernels: manifest.kernels.map(({ row }) => row),
    tests: manifest.tests,
    cells,
    stoppedBy,
    flaky,
  };
}

/** An attempt that began while an older one has answered has no answer yet. */
function isEnded({ kind }: CellState): boolean {
  return kind === "answered" || kind === "unreadable";
}

function namesOf(manifest: Manifest, index: number): { readonly kernel: string; readonly test: string } {
  const { kernel, test } = cellAt(manifest, index) ?? {};
  return { kernel: kernel?.row.name ?? "", test: test?.name ?? "" };
}

function resultOf(manifest: Manifest, index: number, state: CellState, stoppedBy: number | null): CellResult {
  if (state.kind === "answered") return state.answer.result;
  return { ...namesOf(manifest, index), end: withoutAnswer(index + 1, state, stoppedBy) };
}

function withoutAnswer(
  cell: number,
  state: Exclude<CellState, { readonly kind: "answered" }>,
  stoppedBy: number | null,
): CellEnd {
  switch (state.kind) {
    case "not-begun":
      return stoppedBy === null
        ? problem("CELL_NOT_RUN", `no answer: cell ${cell} was never begun`)
        : { kind: "skipped", reason: `the wait for it was stopped by signal ${stoppedBy}` };
    case "begun": {
      const { attempt, begin } = state;
      const who = begin === null ? "" : ` on ${begin.host} at ${begin.at.toISOString()}`;
      return problem(
        "CELL_UNANSWERED",
        `no answer: attempt ${attempt} at cell ${cell} began${who}, and nothing was heard of it since`,
      );
    }
    case "unreadable":
      return problem(
        "RESULT_UNREADABLE",
        `the result of cell ${cell}, ${state.file}, cannot be used: ${state.reason}`,
      );
    default:
      return state satisfies never;
  }
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
  const first = Math.min(...spans.map(([begin]) => begin));
  const last = Math.max(...spans.map(([, end]) => end));
  const jobs = Math.max(
    ...spans.map(([at]) => spans.filter(([begin, end]) => begin <= at && at < end).length),
    1,
  );
  return { startedAt: new Date(first), durationMs: Math.max(0, last - first), jobs };
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
