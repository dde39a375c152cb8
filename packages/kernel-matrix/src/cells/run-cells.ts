import { join, resolve } from "node:path";
import { askQemuVersion } from "@vm/guest-run";
import { codedError } from "@vm/command-plan";
import { isDirectory } from "@vm/host-files";
import { imageSha256, stopOnAbort, type CellChoice, type Host, type RunCellsRequest } from "@vm/operations";
import { prepareKernel, type PreparedKernel, type Preparation } from "../prepare-kernel.js";
import { problemOf, type CellOrigin, type CellResult, type MatrixResult, type RunOrigin } from "../result.js";
import type { AttemptRules } from "../attempts.js";
import type { CellSettings } from "../run-cell.js";
import { runMatrix, type MatrixControl, type MatrixEvent, type RunMatrix } from "../run-matrix.js";
import { asManyAsBearable, planTests, sayOnce } from "../test-run.js";
import { beginAttempt, writeAnswer, writeStop, type Attempt } from "./cell-results.js";
import { withOrigins } from "./cell-origins.js";
import { cellCount, readManifest, type Manifest, type PlannedKernel } from "./manifest.js";

/** Some cells of a plan, to be run on this host. */
export interface CellRun {
  /** Of the plan; absolute. */
  readonly directory: string;
  readonly manifest: Manifest;
  readonly choice: CellChoice;
  /** How many cells that is. */
  readonly total: number;
  readonly settings: Pick<RunCellsRequest, "attempt" | "flaky" | "jobs" | "seed">;
  /** The directory that holds the copies of its kernels. */
  readonly copies: string;
}

/**
 * Reads a plan, and starts nothing.
 *
 * @param copies where its kernels are; default: in the plan
 * @throws `PLAN_UNREADABLE`; `CELL_UNKNOWN` for a cell that it does not have; `PLAN_ELSEWHERE` where this host lacks the working directory
 */
export function openCells(
  { directory, choice = { kind: "all" }, ...settings }: RunCellsRequest,
  { cwd }: Pick<Host, "cwd">,
  copies?: string,
): CellRun {
  const place = resolve(cwd, directory);
  const manifest = readManifest(place);
  const count = cellCount(manifest);
  if (choice.kind === "cell" && choice.cell > count) {
    throw codedError("CELL_UNKNOWN", `${place} has no cell ${choice.cell}: its last one is ${count}`);
  }
  if (!isDirectory(manifest.cwd)) {
    throw codedError(
      "PLAN_ELSEWHERE",
      `the commands of this plan run in ${manifest.cwd}, which is not on this machine`,
      {
        hint: "Guests boot on the root of the machine that runs them: make that directory, or plan in one that all machines have.",
      },
    );
  }
  const total = Array.from({ length: count }, (_, index) => index).filter((index) =>
    isChosen(choice, index),
  ).length;
  return {
    directory: place,
    manifest,
    choice,
    total,
    settings,
    copies: copies ?? join(place, "kernels"),
  };
}

/** What the cells of a plan have in common on this host. */
export interface CellRoom {
  readonly settings: CellSettings;
  readonly attempts: AttemptRules;
  /** A kernel made ready, by its place in the plan: once, and one after another. */
  ready(this: void, kernel: number): Promise<PreparedKernel>;
}

/** @throws what `planTests` throws */
export function openCellRoom(
  { manifest, copies }: Pick<CellRun, "copies" | "manifest">,
  host: Host,
): CellRoom {
  const { tests, cwd } = manifest;
  const there: Host = { ...sayOnce(host), cwd };
  const places = manifest.kernels.map(({ copy }) => copy && join(copies, copy.name));
  const { settings, preparation, attempts } = planTests(
    { ...manifest.request, kernels: places.map((place) => place ?? "/"), tests: [] },
    there,
    manifest.again.length === 0
      ? undefined
      : (kernel, test) => (manifest.again[tests.indexOf(test)] ?? []).map((word) => word ?? kernel),
  );
  const ready = new Map<number, Promise<PreparedKernel>>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    settings,
    attempts,
    ready(index) {
      const known = ready.get(index);
      if (known !== undefined) return known;
      const kernel = manifest.kernels[index];
      if (kernel === undefined) throw new Error(`the plan has no kernel ${index}`);
      const made = last.then(() => readyKernel(kernel, places[index], preparation, there));
      last = made.catch(() => {});
      ready.set(index, made);
      return made;
    },
  };
}

export interface RunCellsSettings extends Pick<RunMatrix, "onEvent" | "onStart"> {
  /** This machine, for the reports. */
  readonly origin: RunOrigin;
}

/** Runs the cells, several at once, and writes the answer of each as soon as it is there. @throws `PLAN_UNWRITABLE` */
export async function runCells(
  {
    directory,
    manifest,
    choice,
    total,
    copies,
    settings: { jobs, attempt: wanted, flaky = "pass", seed },
  }: CellRun,
  host: Host,
  { origin, onEvent, onStart }: RunCellsSettings,
  { settings, attempts: rules, ready }: CellRoom = openCellRoom({ manifest, copies }, host),
): Promise<MatrixResult> {
  const { tests } = manifest;
  const kernels: PreparedKernel[] = [];
  for (const [index, { row }] of manifest.kernels.entries()) {
    const isNeeded = tests.some((_, test) => isChosen(choice, index * tests.length + test));
    // None of the cells of the others is run.
    kernels.push(isNeeded ? await ready(index) : { kind: "unusable", row, problem: notCopied });
  }
  const attempts = new Map<string, Attempt>();
  const numbers = new Map(
    kernels.flatMap(({ row }, kernel) =>
      tests.map(({ name }, test) => [key(row.name, name), kernel * tests.length + test + 1]),
    ),
  );
  let failure: unknown;
  let stoppedBy: number | undefined;
  let control: MatrixControl | undefined;
  const fail = (error: unknown): void => {
    failure ??= error;
    control?.stop(SIGTERM);
  };
  const origins = cellOrigins(kernels, origin);
  const answers: Promise<CellResult>[] = [];
  const answer = async (attempt: Attempt, cell: CellResult): Promise<CellResult> => {
    const told = await origins(cell);
    try {
      writeAnswer(directory, manifest, attempt, told);
    } catch (error) {
      fail(error);
    }
    return told;
  };
  const record = (event: MatrixEvent): void => {
    if (event.kind === "started") {
      const id = key(event.kernel, event.test);
      attempts.set(id, beginAttempt(directory, numbers.get(id) ?? 0, wanted));
      // QEMU is asked while the guest boots.
      void origins(event);
      return;
    }
    const attempt = attempts.get(key(event.cell.kernel, event.cell.test));
    if (attempt === undefined) return;
    if (stoppedBy !== undefined) writeStop(directory, attempt, stoppedBy);
    else answers.push(answer(attempt, event.cell));
  };
  let release: (() => void) | undefined;
  try {
    const result = await runMatrix({
      kernels,
      tests,
      settings,
      picks: (index) => isChosen(choice, index),
      ...(jobs === undefined ? asManyAsBearable(kernels, settings) : { jobs }),
      onFailure: "go-on",
      attempts: rules,
      flaky,
      ...(seed === undefined ? {} : { seed }),
      onEvent(event) {
        onEvent?.(event);
        try {
          record(event);
        } catch (error) {
          fail(error);
        }
      },
      onStart(given) {
        control = {
          stop(signal) {
            stoppedBy ??= signal;
            given.stop(signal);
          },
        };
        release = stopOnAbort(host.signal, control);
        onStart?.(control);
      },
    });
    const told = new Map((await Promise.all(answers)).map((cell) => [key(cell.kernel, cell.test), cell]));
    if (failure !== undefined) throw failure;
    return {
      ...result,
      ...(choice.kind === "shard" && total === 0 ? { withoutCells: "nothing to do" } : {}),
      ...withOrigins(
        manifest,
        result.cells.map((cell) => told.get(key(cell.kernel, cell.test)) ?? cell),
      ),
    };
  } finally {
    release?.();
  }
}

/** Adds to cells where they ran, and on what. Each QEMU is asked for its version once. */
function cellOrigins(
  kernels: readonly PreparedKernel[],
  origin: RunOrigin,
): <Cell extends Pick<CellResult, "kernel">>(cell: Cell) => Promise<Cell & { readonly origin?: CellOrigin }> {
  const ready = new Map(
    kernels.flatMap((kernel) => (kernel.kind === "ready" ? [[kernel.row.name, kernel] as const] : [])),
  );
  const versions = new Map<string, Promise<string | undefined>>();
  return async (cell) => {
    const kernel = ready.get(cell.kernel);
    if (kernel === undefined) return cell;
    const { qemu, accelerator } = kernel;
    const asked = versions.get(qemu) ?? askQemuVersion(qemu);
    versions.set(qemu, asked);
    return {
      ...cell,
      origin: { ...origin, qemu: (await asked) ?? null, accelerator: accelerator.accelerator },
    };
  };
}

const SIGTERM = 15;

function isChosen(choice: CellChoice, index: number): boolean {
  switch (choice.kind) {
    case "cell":
      return index === choice.cell - 1;
    case "shard":
      return index % choice.of === choice.shard - 1;
    case "all":
      return true;
    default:
      return choice satisfies never;
  }
}

/** A kernel of the plan on this host, under the row of the plan. @param place its copy */
async function readyKernel(
  { row, copy, problem }: PlannedKernel,
  place: string | null | undefined,
  preparation: Preparation,
  host: Host,
): Promise<PreparedKernel> {
  if (problem !== null || copy === null) {
    return { kind: "unusable", row, problem: problem ?? notCopied };
  }
  if (place === null || place === undefined) return { kind: "unusable", row, problem: notCopied };
  try {
    checkImage(join(place, copy.image), copy.imageSha256);
  } catch (error) {
    return { kind: "unusable", row, problem: problemOf(error, row.given) };
  }
  return { ...(await prepareKernel({ name: row.name, given: place }, preparation, host)), row };
}

const notCopied = { code: "KERNEL_NOT_COPIED", message: "the plan has no copy of this kernel" };

/** A copy that arrived in part would be tested as if it were the kernel. @throws `KERNEL_CHANGED` */
function checkImage(file: string, sha256: string): void {
  const found = imageSha256(file);
  if (found === sha256) return;
  throw codedError("KERNEL_CHANGED", `${file} is not the image that was planned: its SHA-256 is ${found}`, {
    hint: "Copy the plan's directory again.",
  });
}

function key(kernel: string, test: string): string {
  return JSON.stringify([kernel, test]);
}
