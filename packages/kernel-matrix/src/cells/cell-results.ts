import { closeSync, openSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { codedError, errorCode } from "@vm/command-plan";
import { randomName, readRegularText } from "@vm/host-files";
import type { CellResult } from "../result.js";
import { cellAt, type Manifest } from "./manifest.js";
import { fromPlainText, toPlainText } from "./plain-data.js";

/*
 * The results of a plan, in `results/`: `N.K.begun` says that attempt K at cell N began, and `N.K.json` is its answer. An attempt's number
 * is taken by making the first of the two, which one process alone can do. The newest attempt counts: the answer of one that was thought
 * to be lost, and comes late, has a name of its own and replaces nothing.
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

/** Takes the next number for a cell. @throws `PLAN_UNWRITABLE` */
export function beginAttempt(directory: string, cell: number): Attempt {
  const results = join(directory, "results");
  const begin: Begin = { host: hostname(), at: new Date() };
  try {
    for (let attempt = newestAttempt(readdirSync(results), cell) + 1; ; attempt++) {
      const file = join(results, `${cell}.${attempt}.begun`);
      const taken = exclusive(file);
      if (taken === null) continue;
      try {
        writeFileSync(taken, toPlainText(begin));
      } finally {
        closeSync(taken);
      }
      return { cell, attempt, begin };
    }
  } catch (cause) {
    throw unwritable(results, cause);
  }
}

/** Writes an attempt's answer, at once. @throws `PLAN_UNWRITABLE` */
export function writeAnswer(
  directory: string,
  { id }: Pick<Manifest, "id">,
  attempt: Attempt,
  result: CellResult,
): void {
  const results = join(directory, "results");
  const answer: Answer = { plan: id, ...attempt, endedAt: new Date(), result };
  const draft = join(results, `.new-${randomName()}`);
  try {
    writeFileSync(draft, toPlainText(answer), { flag: "wx" });
    renameSync(draft, join(results, `${attempt.cell}.${attempt.attempt}.json`));
  } catch (cause) {
    throw unwritable(results, cause);
  }
}

/**
 * What is known of all cells, in their order.
 *
 * @param answered answers by file, read before: one that is written never changes, so that it is not read again; new ones are added
 * @throws `PLAN_UNREADABLE` where the results cannot be looked at
 */
export function readStates(
  directory: string,
  manifest: Manifest,
  total: number,
  answered: Map<string, CellState> = new Map<string, CellState>(),
): CellState[] {
  const results = join(directory, "results");
  let names: string[];
  try {
    names = readdirSync(results);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    // An archive of a plan that nobody ran may leave an empty directory out.
    if (errorCode(cause) === "ENOENT") names = [];
    else
      throw codedError("PLAN_UNREADABLE", `the results in ${results} cannot be read: ${reason}`, { cause });
  }
  const newest = new Map<number, number>();
  for (const name of names) {
    const [cell, attempt] = numbersOf(name) ?? [];
    if (cell === undefined || attempt === undefined) continue;
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
  if (typeof value !== "object" || value === null) return false;
  const { plan, cell, begin, endedAt, result }: Partial<Record<string, unknown>> = { ...value };
  if (typeof plan !== "string" || typeof cell !== "number" || !(endedAt instanceof Date)) return false;
  if (typeof begin !== "object" || begin === null || typeof result !== "object" || result === null)
    return false;
  return (
    "end" in result && "kernel" in result && "test" in result && "at" in begin && begin.at instanceof Date
  );
}

function readBegin(file: string): Begin | null {
  try {
    const value = fromPlainText(readRegularText(file));
    if (typeof value !== "object" || value === null) return null;
    const { host, at }: Partial<Record<string, unknown>> = { ...value };
    return typeof host === "string" && at instanceof Date ? { host, at } : null;
  } catch {
    // Its maker died between making and writing it: that it began is known all the same.
    return null;
  }
}

function unwritable(results: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return codedError("PLAN_UNWRITABLE", `no result can be written into ${results}: ${reason}`, { cause });
}
