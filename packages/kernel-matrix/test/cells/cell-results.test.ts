import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  beginAttempt,
  newestOfAll,
  readStates,
  writeAnswer,
  writeStop,
} from "../../src/cells/cell-results.js";
import { newManifest, type Manifest } from "../../src/cells/manifest.js";
import type { CellResult } from "../../src/result.js";

/** A plan of two kernels and two tests. */
function plan(): { readonly directory: string; readonly manifest: Manifest } {
  const directory = mkdtempSync(join(tmpdir(), "vm-cells-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, "results"));
  const row = { release: null, tree: null, image: null, warnings: [] };
  const manifest = newManifest({
    request: { operation: "test", kernels: ["a", "b"] },
    cwd: "/",
    again: [],
    kernels: ["a", "b"].map((name) => ({ row: { name, given: name, ...row }, copy: null, problem: null })),
    tests: ["x", "y"].map((name) => ({ name, command: Buffer.from(name), file: null })),
  });
  return { directory, manifest };
}

function skipped(kernel: string, name: string, reason = "why"): CellResult {
  return { kernel, test: name, end: { kind: "skipped", reason } };
}

test("what is known of a cell: never begun, begun, answered", () => {
  const { directory, manifest } = plan();
  beginAttempt(directory, 2);
  writeAnswer(directory, manifest, beginAttempt(directory, 3), skipped("b", "x"));
  const states = readStates(directory, manifest, 4);
  expect(states.map(({ kind }) => kind)).toEqual(["not-begun", "begun", "answered", "not-begun"]);
  expect(states[1]).toMatchObject({ attempt: 1, begin: { host: expect.any(String), at: expect.any(Date) } });
  expect(states[2]).toMatchObject({ answer: { result: skipped("b", "x") } });
});

test("an attempt that was given up and answers late replaces nothing of a newer one", () => {
  const { directory, manifest } = plan();
  const old = beginAttempt(directory, 1);
  const newer = beginAttempt(directory, 1);
  expect([old.attempt, newer.attempt]).toEqual([1, 2]);
  writeAnswer(directory, manifest, old, skipped("a", "x", "stale"));
  // The newer one has not answered yet: the old answer is none.
  expect(readStates(directory, manifest, 1)).toMatchObject([{ kind: "begun", attempt: 2 }]);
  writeAnswer(directory, manifest, newer, skipped("a", "x", "new"));
  writeAnswer(directory, manifest, old, skipped("a", "x", "stale again"));
  expect(readStates(directory, manifest, 1)).toMatchObject([
    { kind: "answered", answer: { result: { end: { reason: "new" } } } },
  ]);
});

test("an attempt that a queue has counted keeps its number, however late it begins, and takes no other's", () => {
  const { directory, manifest } = plan();
  const newer = beginAttempt(directory, 1, 4);
  const late = beginAttempt(directory, 1, 3);
  expect([newer.attempt, late.attempt, newestOfAll(directory)]).toEqual([4, 3, 4]);
  writeAnswer(directory, manifest, late, skipped("a", "x", "stale"));
  expect(readStates(directory, manifest, 1)).toMatchObject([{ kind: "begun", attempt: 4 }]);
  // A queue that was killed has forgotten that it began the third.
  expect(beginAttempt(directory, 1, 3).attempt).toBe(5);
});

test("an attempt that was stopped has no answer, and says what stopped it", () => {
  const { directory, manifest } = plan();
  writeStop(directory, beginAttempt(directory, 1), 15);
  expect(readStates(directory, manifest, 1)).toMatchObject([
    { kind: "begun", attempt: 1, begin: { stoppedBy: 15 } },
  ]);
});

test("an attempt beyond the ninth is newer than the ninth", () => {
  const { directory, manifest } = plan();
  const attempts = Array.from({ length: 11 }, () => beginAttempt(directory, 4));
  for (const attempt of attempts.toReversed())
    writeAnswer(directory, manifest, attempt, skipped("b", "y", String(attempt.attempt)));
  expect(readStates(directory, manifest, 4)[3]).toMatchObject({
    answer: { result: { end: { reason: "11" } } },
  });
});

test("an answer that is cut off anywhere, of another plan, or of another cell is no answer", () => {
  const { directory, manifest } = plan();
  writeAnswer(directory, manifest, beginAttempt(directory, 1), skipped("a", "x"));
  const file = join(directory, "results/1.1.json");
  const whole = readFileSync(file);
  for (let length = 0; length < whole.length; length += 7) {
    writeFileSync(file, whole);
    truncateSync(file, length);
    expect([length, readStates(directory, manifest, 1)[0]?.kind]).toEqual([length, "unreadable"]);
  }
  writeFileSync(file, whole);
  const other = { ...manifest, id: "another" };
  expect(readStates(directory, other, 1)).toMatchObject([
    { kind: "unreadable", reason: "it is of another plan" },
  ]);
  writeFileSync(join(directory, "results/2.1.json"), whole);
  expect(readStates(directory, manifest, 2)[1]).toMatchObject({ reason: "it is of another cell" });
});

test("an answer of the right plan whose end is damaged is no answer, and harms no other cell", () => {
  const { directory, manifest } = plan();
  writeAnswer(directory, manifest, beginAttempt(directory, 2), skipped("a", "y"));
  writeAnswer(directory, manifest, beginAttempt(directory, 1), skipped("a", "x"));
  const file = join(directory, "results/1.1.json");
  const whole = readFileSync(file, "utf8");
  const end = JSON.stringify(skipped("a", "x").end);
  expect(whole).toContain(end);
  const damaged = [
    "null",
    "[]",
    "{}",
    '"skipped"',
    '{"kind":"passed"}',
    '{"kind":"skipped"}',
    '{"kind":"broken"}',
    '{"kind":"ran"}',
    '{"kind":"unusable","problem":{}}',
    '{"kind":"ran","result":{"outcome":{}}}',
  ].map((other) => whole.replace(end, other));
  for (const text of [...damaged, whole.replaceAll(/"\$time":"[^"]*"/g, '"$time":"never"')]) {
    writeFileSync(file, text);
    expect([text, readStates(directory, manifest, 2).map(({ kind }) => kind)]).toEqual([
      text,
      ["unreadable", "answered"],
    ]);
  }
});

test("what else lies among the results is no result: drafts, other names, cells that the plan does not have", () => {
  const { directory, manifest } = plan();
  for (const name of [".new-1.1.json", "1.json", "01.1.json", "1.0.json", "9.1.json", "1.1.json.bak"])
    writeFileSync(join(directory, "results", name), "{}");
  expect(readStates(directory, manifest, 4).map(({ kind }) => kind)).toEqual(Array(4).fill("not-begun"));
});

test("an answer leaves no draft behind, and one that cannot be written says where", () => {
  const { directory, manifest } = plan();
  const attempt = beginAttempt(directory, 1);
  writeAnswer(directory, manifest, attempt, skipped("a", "x"));
  expect(readdirSync(join(directory, "results"))).toEqual(["1.1.begun", "1.1.json"]);
  rmSync(join(directory, "results"), { recursive: true });
  expect(() => writeAnswer(directory, manifest, attempt, skipped("a", "x"))).toThrow(
    join(directory, "results"),
  );
  expect(readStates(directory, manifest, 1)).toEqual([{ kind: "not-begun" }]);
});
