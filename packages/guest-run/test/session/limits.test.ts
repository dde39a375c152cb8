import { expect, test } from "vitest";
import { parseGuestLine } from "../../src/protocol/status-protocol.js";
import { consoleLog } from "../../src/session/console-log.js";
import type { ConsoleFinding } from "../../src/session/console-watch.js";
import { began, complained, note, play, rulesOf, started } from "./played-session.js";

/** What a guest can make us keep has an end, whatever it prints. */

test("of each kind a hundred complaints are kept and the others counted, and another kind is seen all the same", () => {
  const events = [
    ...Array.from({ length: 1000 }, () => complained("warn")),
    ...Array.from({ length: 150 }, () => complained("taint")),
    complained("oops"),
  ];
  const { state } = play(rulesOf(), [started, began, ...events]);
  const kinds = state.seen.complaints.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === "warn").length).toBe(100);
  expect(kinds.filter((kind) => kind === "taint").length).toBe(100);
  expect(kinds.at(-1)).toBe("oops");
  expect(state.droppedComplaints).toBe(950);
});

test("a hundred words of the guest's shell are kept, each cut at a thousand letters", () => {
  const { state } = play(rulesOf(), [started, began, ...Array.from({ length: 5000 }, () => note("x"))]);
  expect(state.seen.notes.length).toBe(100);
  const long = "y".repeat(1_000_000);
  expect(parseGuestLine(long)).toEqual({ kind: "note", text: "y".repeat(1000) });
  expect(parseGuestLine(`failed ${long}`)).toEqual({ kind: "failed", reason: "y".repeat(1000) });
  expect(parseGuestLine(`kernel ${long}`).kind).toBe("note");
});

function watched(): {
  push: (text: string) => void;
  tail: () => readonly string[];
  found: ConsoleFinding[];
} {
  const found: ConsoleFinding[] = [];
  const log = consoleLog("9p", (finding) => found.push(finding));
  return { push: (text) => log.push(Buffer.from(text)), tail: () => log.tail(), found };
}

test("two hundred lines of the console are kept, of a long one its beginning", () => {
  const { push, tail } = watched();
  for (let number = 0; number < 100_000; number += 1) push(`line ${number}\n`);
  expect(tail().length).toBe(200);
  expect(tail().at(-1)).toBe("line 99999");
  push(`${"z".repeat(60_000)}\n`);
  expect(tail().at(-1)).toBe(`${"z".repeat(4096)}...`);
});

test("a line without an end is not kept whole, and what comes behind it is a line again", () => {
  const { push, tail, found } = watched();
  const before = process.memoryUsage().heapUsed;
  for (let round = 0; round < 2000; round += 1) push("w".repeat(65_536));
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 << 20);
  push("\nKernel panic - not syncing: in the end\n");
  expect(tail().at(-1)).toBe("Kernel panic - not syncing: in the end");
  expect(found).toMatchObject([{ kind: "complaint", complaint: { kind: "panic" } }]);
});

test("a complaint that is as long as the guest likes is one of at most 4,100 letters", () => {
  const { push, found } = watched();
  push(`WARNING: ${"v".repeat(50_000)}\n`);
  const [finding] = found;
  expect(finding?.kind === "complaint" && finding.complaint.line.length).toBeLessThanOrEqual(4100);
});
