import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processHost } from "@vm/operations";
import { expect, onTestFinished, test } from "vitest";
import type { CellQueue } from "../../src/cells/cell-queue.js";
import { beginAttempt, writeAnswer } from "../../src/cells/cell-results.js";
import { collectCells, openCollection, type Collection } from "../../src/cells/collect-cells.js";
import { newManifest, writeManifest } from "../../src/cells/manifest.js";
import { toPlainText } from "../../src/cells/plain-data.js";
import type { CellResult } from "../../src/result.js";
import type { MatrixControl } from "../../src/run-matrix.js";
import { cellVerdict } from "../../src/verdict.js";
import { ran } from "../made-results.js";

const host = processHost({ env: process.env, cwd: "/", notice: () => {} });

/** A plan of one kernel and so many tests. */
function plan(cells: number): Collection {
  const directory = mkdtempSync(join(tmpdir(), "vm-cells-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, "results"));
  const row = { name: "k", given: "k", release: null, tree: null, image: null, warnings: [] };
  writeManifest(
    directory,
    newManifest({
      request: { operation: "test", kernels: ["k"] },
      cwd: "/",
      again: [],
      kernels: [{ row, copy: null, problem: null }],
      tests: Array.from({ length: cells }, (_, index) => ({
        name: String(index),
        command: Buffer.from("true"),
        file: null,
      })),
    }),
  );
  return openCollection({ operation: "collect-cells", directory, wait: "until-answered" }, { cwd: "/" });
}

/** A queue whose cells all ended, or none. */
function queue(ended: ReadonlyMap<number, string>): CellQueue & { cancelled: number } {
  return {
    pauseMs: 10,
    cancelled: 0,
    ended: async () => ended,
    explain: async () => "",
    async cancel() {
      this.cancelled += 1;
    },
  };
}

function skipped(name: string, reason: string): CellResult {
  return { kernel: "k", test: name, end: { kind: "skipped", reason } };
}

test("ten thousand answers are put together at once, with the most guests that ran at the same time", async () => {
  const collection = plan(10_000);
  const { directory, manifest } = collection;
  for (let index = 0; index < collection.total; index++) {
    // Three at a time; one begins in the millisecond in which another ends.
    const at = new Date(1_700_000_000_000 + Math.floor(index / 3) * 10);
    const end = { kind: "skipped", reason: "why" } as const;
    const answer = { plan: manifest.id, cell: index + 1, attempt: 1, begin: { host: "h", at } };
    writeFileSync(
      join(directory, "results", `${index + 1}.1.json`),
      toPlainText({
        ...answer,
        endedAt: new Date(at.getTime() + 10),
        result: { kernel: "k", test: String(index), end },
      }),
    );
  }
  const { cells, jobs, durationMs } = await collectCells(collection, host, {});
  expect([cells.length, jobs, durationMs]).toEqual([10_000, 3, 33_340]);
}, 60_000);

test("a wait that a signal ends cancels what it has submitted, and only that; a lost terminal is no order", async () => {
  const cases = [
    { onStop: "cancel", signal: 2, cancelled: 1 },
    { onStop: "cancel", signal: 1, cancelled: 0 },
    { onStop: "leave", signal: 2, cancelled: 0 },
  ] as const;
  for (const { onStop, signal, cancelled } of cases) {
    const waited = queue(new Map());
    const { cells, stoppedBy } = await collectCells(plan(2), host, {
      queue: waited,
      onStop,
      onStart: (control: MatrixControl) => control.stop(signal),
    });
    expect([waited.cancelled, stoppedBy]).toEqual([cancelled, signal]);
    expect(cells.map(({ end }) => end.kind)).toEqual(["skipped", "skipped"]);
  }
});

test("what the queue has ended without an answer is lost, and an answer that is there counts all the same", async () => {
  const collection = plan(2);
  const { directory, manifest } = collection;
  const attempt = beginAttempt(directory, 2);
  const answer = { kernel: "k", test: "1", end: { kind: "skipped", reason: "its own" } } as const;
  writeAnswer(directory, manifest, attempt, answer);
  const waited = queue(
    new Map([
      [1, "it is gone"],
      [2, "it is gone"],
    ]),
  );
  const { cells } = await collectCells(collection, host, { queue: waited });
  expect(cells).toMatchObject([
    { end: { kind: "broken", problem: { code: "CELL_LOST", message: "no answer: it is gone" } } },
    answer,
  ]);
});

test("answers of an earlier run are none of a plan that is run once more", async () => {
  const collection = plan(2);
  const { directory, manifest } = collection;
  for (const [cell, name] of [
    [1, "0"],
    [2, "1"],
  ] as const)
    writeAnswer(directory, manifest, beginAttempt(directory, cell), skipped(name, "old"));
  const after = openCollection({ operation: "collect-cells", directory }, { cwd: "/" }).newestAttempt;
  writeAnswer(directory, manifest, beginAttempt(directory, 2, after + 1), skipped("1", "new"));
  const waited = queue(new Map([[1, "it is gone"]]));
  const { cells } = await collectCells(collection, host, { queue: waited, after });
  expect(cells).toMatchObject([
    { end: { kind: "broken", problem: { code: "CELL_LOST", message: "no answer: it is gone" } } },
    skipped("1", "new"),
  ]);
});

test("with --fail-fast the first cell that does not pass cancels the rest, which is skipped", async () => {
  const collection = plan(2);
  const attempt = beginAttempt(collection.directory, 1);
  const end = { kind: "broken", problem: { code: "X", message: "x" } } as const;
  writeAnswer(collection.directory, collection.manifest, attempt, { kernel: "k", test: "0", end });
  const waited = queue(new Map());
  const { cells, stoppedBy } = await collectCells({ ...collection, onFailure: "stop" }, host, {
    queue: waited,
  });
  expect([waited.cancelled, stoppedBy, cells.map((cell) => cell.end.kind)]).toEqual([
    1,
    null,
    ["broken", "skipped"],
  ]);
});

test("answers are judged by a list of expected failures where they are put together", async () => {
  const collection = plan(2);
  const { directory, manifest } = collection;
  const end = ran({ kind: "exited", status: 1 });
  for (const [cell, name] of [
    [1, "0"],
    [2, "1"],
  ] as const)
    writeAnswer(directory, manifest, beginAttempt(directory, cell), { kernel: "k", test: name, end });
  writeFileSync(join(directory, "known"), "1 # of old\n7 # gone\n");
  const { expected } = openCollection(
    { operation: "collect-cells", directory, expectedFailures: "known" },
    { cwd: directory },
  );
  expect(expected).toBeDefined();
  const { cells, expectations } = await collectCells(
    { ...collection, ...(expected && { expected }) },
    host,
    {},
  );
  expect(cells.map((cell) => cellVerdict(cell.end))).toEqual(["failed", "xfail"]);
  expect(expectations?.unmatched).toMatchObject([{ line: 2, pattern: "7" }]);
});
