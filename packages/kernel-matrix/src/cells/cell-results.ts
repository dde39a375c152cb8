import { closeSync, openSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { codedError, errorCode } from "@vm/command-plan";
import { makeDirectory, randomName, readRegularText } from "@vm/host-files";
import type { CellEnd, CellResult } from "../result.js";
import { cellAt, type Manifest } from "./manifest.js";
import { fromPlainText, toPlainText } from "./plain-data.js";

/*
 * The results of a plan, in `results/`: `N.K.begun` says that attempt K at cell N began, and `N.K.json` is its answer. An attempt's number
 * is taken by making the first of the two, which one process alone can do. The newest attempt counts: the answer of one that was thought
 * to be lost, and comes late, has a name of its own and replaces nothing. An attempt that was stopped has no answer: what stopped it may
 * begin it again.
 */

/** One attempt at a cell. */
export interface Attempt {
  /** From 1 on. */
  readonly cell: number;
  readonly attempt: number;
  readonly begin: Begin;
}

/** Who began an attempt. */
export interface Begin {
  readonly host: string;
  readonly at: Date;
  /** The signal that ended it before it had an answer. */
  readonly stoppedBy?: number;
}

/** An answer, as it stands in its file. */
export interface Answer extends Attempt {
  /** The plan's id. */
  readonly plan: string;
  readonly endedAt: Date;
  readonly result: CellResult;
}

/** What is known of a cell. */
export type CellState =
  | { readonly kind: "not-begun" }
  | { readonly kind: "begun"; readonly attempt: number; readonly begin: Begin | null }
  | { readonly kind: "answered"; readonly answer: Answer }
  /** The file is there, and is none of this cell's. */
  | { readonly kind: "unreadable"; readonly file: string; readonly reason: string };

/**
 * Takes the next number for a cell.
 *
 * @param wanted the number where a queue counts, so that an attempt that it has given up is older than its next one, whenever it begins. Where it
 *   is taken (a queue that was killed may have forgotten that it began one), the next free number.
 * @param host the machine that runs it; default: this one
 * @throws `PLAN_UNWRITABLE`
 */
export function beginAttempt(
  directory: string,
  cell: number,
  wanted?: number,
  host: string = hostname(),
): Attempt {
  const results = join(directory, "results");
  const begin: Begin = { host, at: new Date() };
  try {
    // An archive of the plan may have left it out, since it was empty.
    makeDirectory(results);
    let attempt = wanted ?? newestAttempt(readdirSync(results), cell) + 1;
    let taken = exclusive(join(results, `${cell}.${attempt}.begun`));
    if (taken === null) attempt = newestAttempt(readdirSync(results), cell);
    while (taken === null) {
      attempt += 1;
      taken = exclusive(join(results, `${cell}.${attempt}.begun`));
    }
    try {
      writeFileSync(taken, toPlainText(begin));
    } finally {
      closeSync(taken);
    }
    return { cell, attempt, begin };
  } catch (cause) {
    throw unwritable(results, cause);
  }
}

/** The number of the newest attempt at any cell; 0 where there is none. */
export function newestOfAll(directory: string): number {
  return namesIn(join(directory, "results")).reduce(
    (most, name) => Math.max(most, numbersOf(name)?.[1] ?? 0),
    0,
  );
}

/** Writes that an attempt was stopped before it had an answer. @throws `PLAN_UNWRITABLE` */
export function writeStop(directory: string, { cell, attempt, begin }: Attempt, signal: number): void {
  replaceFile(
    join(directory, "results"),
    `${cell}.${attempt}.begun`,
    toPlainText({ ...begin, stoppedBy: signal }),
  );
}

/** Writes an attempt's answer, at once. @throws `PLAN_UNWRITABLE` */
export function writeAnswer(
  directory: string,
  { id }: Pick<Manifest, "id">,
  attempt: Attempt,
  result: CellResult,
): void {
  const answer: Answer = { plan: id, ...attempt, endedAt: new Date(), result };
  takeAnswer(directory, attempt, toPlainText(answer));
}

/** An answer as the file of another directory has it: null where there is none. */
export function answerText(
  directory: string,
  { cell, attempt }: Pick<Attempt, "attempt" | "cell">,
): string | null {
  try {
    return readRegularText(join(directory, "results", `${cell}.${attempt}.json`));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

/** Writes what `answerText` gave, which is looked at when the results are read. @throws `PLAN_UNWRITABLE` */
export function takeAnswer(
  directory: string,
  { cell, attempt }: Pick<Attempt, "attempt" | "cell">,
  text: string | Uint8Array,
): void {
  replaceFile(join(directory, "results"), `${cell}.${attempt}.json`, text);
}

function replaceFile(results: string, name: string, content: string | Uint8Array): void {
  const draft = join(results, `.new-${randomName()}`);
  try {
    writeFileSync(draft, content, { flag: "wx" });
    renameSync(draft, join(results, name));
  } catch (cause) {
    throw unwritable(results, cause);
  }
}

/**
 * What is known of all cells, in their order.
 *
 * @param answered answers by file, read before: one that is written never changes, so that it is not read again; new ones are added
 * @param after attempts up to that number are of an earlier run, and count as none
 * @throws `PLAN_UNREADABLE` where the results cannot be looked at
 */
export function readStates(
  directory: string,
  manifest: Manifest,
  total: number,
  answered: Map<string, CellState> = new Map<string, CellState>(),
  after: number = 0,
): CellState[] {
  const results = join(directory, "results");
  const names = namesIn(results);
  const newest = new Map<number, number>();
  for (const name of names) {
    const [cell, attempt] = numbersOf(name) ?? [];
    if (cell === undefined || attempt === undefined || attempt <= after) continue;
    newest.set(cell, Math.max(attempt, newest.get(cell) ?? 0));
  }
  const there = new Set(names);
  return Array.from({ length: total }, (_, index): CellState => {
    const cell = index + 1;
    const attempt = newest.get(cell);
    if (attempt === undefined) return { kind: "not-begun" };
    const file = `${cell}.${attempt}.json`;
    if (!there.has(file))
      return { kind: "begun", attempt, begin: readBegin(join(results, `${cell}.${attempt}.begun`)) };
    const state = answered.get(file) ?? readAnswer(join(results, file), manifest, index);
    if (state.kind === "answered") answered.set(file, state);
    return state;
  });
}

function namesIn(results: string): string[] {
  try {
    return readdirSync(results);
  } catch (cause) {
    // An archive of a plan that nobody ran may leave an empty directory out.
    if (errorCode(cause) === "ENOENT") return [];
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError("PLAN_UNREADABLE", `the results in ${results} cannot be read: ${reason}`, { cause });
  }
}

function numbersOf(name: string): [cell: number, attempt: number] | null {
  const [, cell, attempt] = /^([1-9]\d*)\.([1-9]\d*)\.(?:begun|json)$/.exec(name) ?? [];
  return cell === undefined || attempt === undefined ? null : [Number(cell), Number(attempt)];
}

function newestAttempt(names: readonly string[], wanted: number): number {
  const attempts = names.flatMap((name) => {
    const [cell, attempt] = numbersOf(name) ?? [];
    return cell === wanted && attempt !== undefined ? [attempt] : [];
  });
  return attempts.reduce((most, each) => Math.max(most, each), 0);
}

/** Makes a file that must not be there; null where it is. */
function exclusive(file: string): number | null {
  try {
    return openSync(file, "wx");
  } catch (error) {
    if (errorCode(error) === "EEXIST") return null;
    throw error;
  }
}

function readAnswer(file: string, manifest: Manifest, index: number): CellState {
  try {
    const answer = fromPlainText(readRegularText(file));
    if (!isAnswer(answer)) throw new Error("it is no result of a cell");
    if (answer.plan !== manifest.id) throw new Error("it is of another plan");
    const { cell, result } = answer;
    const { kernel, test } = cellAt(manifest, index) ?? {};
    if (cell !== index + 1 || result.kernel !== kernel?.row.name || result.test !== test?.name)
      throw new Error("it is of another cell");
    return { kind: "answered", answer };
  } catch (error) {
    return { kind: "unreadable", file, reason: error instanceof Error ? error.message : String(error) };
  }
}

function isAnswer(value: unknown): value is Answer {
  const { plan, cell, begin, endedAt, result } = fieldsOf(value);
  const { kernel, test, end } = fieldsOf(result);
  return (
    typeof plan === "string" &&
    typeof cell === "number" &&
    isTime(endedAt) &&
    isTime(fieldsOf(begin).at) &&
    typeof kernel === "string" &&
    typeof test === "string" &&
    isEnd(end)
  );
}

/** What every report reads of it: one answer that is damaged must not cost those of all other cells. */
function isEnd(value: unknown): value is CellEnd {
  const { kind, problem, reason, startedAt, result, stdout, stderr, console } = fieldsOf(value);
  switch (kind) {
    case "ran": {
      const { outcome, durations, complaints } = fieldsOf(result);
      return (
        isTime(startedAt) &&
        typeof fieldsOf(outcome).kind === "string" &&
        isObject(durations) &&
        Array.isArray(complaints) &&
        [stdout, stderr, console].every(isOutput)
      );
    }
    case "unusable":
    case "broken":
      return [fieldsOf(problem).code, fieldsOf(problem).message].every((text) => typeof text === "string");
    case "skipped":
      return typeof reason === "string";
    default:
      return false;
  }
}

function isOutput(value: unknown): boolean {
  const { head, tail } = fieldsOf(value);
  return head instanceof Uint8Array && tail instanceof Uint8Array;
}

function isTime(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return isObject(value) ? { ...value } : {};
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function readBegin(file: string): Begin | null {
  try {
    const { host, at, stoppedBy } = fieldsOf(fromPlainText(readRegularText(file)));
    if (typeof host !== "string" || !isTime(at)) return null;
    return { host, at, ...(typeof stoppedBy === "number" ? { stoppedBy } : {}) };
  } catch {
    // Its maker died between making and writing it: that it began is known all the same.
    return null;
  }
}

function unwritable(results: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return codedError("PLAN_UNWRITABLE", `no result can be written into ${results}: ${reason}`, { cause });
}
