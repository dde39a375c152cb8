import { spawnSync } from "node:child_process";
import { constants } from "node:os";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseGuestLine, signalOf } from "../../src/protocol/status-protocol.js";

test.each([
  ["vm1 started", { kind: "started" }],
  ["kernel 6.1.0-rc1+", { kind: "kernel", release: "6.1.0-rc1+" }],
  ["command", { kind: "command" }],
  ["exited 0", { kind: "exited", status: 0 }],
  ["exited 255", { kind: "exited", status: 255 }],
  ["counted 1 20", { kind: "counted", counts: { oopses: 1, warnings: 20 } }],
  ["failed no tmpfs", { kind: "failed", reason: "no tmpfs" }],
] as const)("%s is an event", (line, event) => {
  expect(parseGuestLine(line)).toEqual(event);
});

test.each([
  "",
  "exited",
  "exited ",
  "exited 256",
  "exited -1",
  "exited 00",
  "exited 1x",
  " exited 0",
  "exited 0 ",
  "0",
])("%j is no status", (line) => {
  expect(parseGuestLine(line)).toEqual({ kind: "note", text: line });
});

test("no line but the exact one is a status", () => {
  fc.assert(
    fc.property(fc.string(), (line) => {
      const event = parseGuestLine(line);
      expect(event.kind !== "exited" || /^exited \d{1,3}$/.test(line)).toBe(true);
    }),
  );
});

// As guest/vm-exec-command does it: the shell's own words go where the status goes.
function notesOf(
  shell: readonly [string, ...string[]],
  command: string,
): { status: number; notes: string[] } {
  const [program, ...args] = shell;
  const { stdout } = spawnSync(
    program,
    [...args, "-c", 'exec 2>&1; ( exec >/dev/null 2>&1; exec /bin/sh -c "$0" ); echo "$?"', command],
    {
      encoding: "utf8",
    },
  );
  const lines = stdout.trimEnd().split("\n");
  return { status: Number(lines.at(-1)), notes: lines.slice(0, -1) };
}

const shells: readonly { readonly shell: readonly [string, ...string[]] }[] = [
  { shell: ["dash"] },
  { shell: ["bash"] },
  { shell: ["busybox", "sh"] },
];
const fatal: readonly [string, number][] = Object.entries<number>(constants.signals).filter(
  ([name]) => !/^SIG(?:CHLD|CONT|STOP|TSTP|TTIN|TTOU|URG|WINCH|STKFLT)$/.test(name),
);

test.each(shells)("death by any signal is told from an exit by the words of $shell", ({ shell }) => {
  for (const [name, number] of fatal) {
    const { status, notes } = notesOf(shell, `kill -${number} $$; exit 77`);
    expect([name, status, signalOf(status, notes)]).toEqual([name, 128 + number, number]);
  }
});

test.each(shells)("an exit with a status above 128 is an exit in $shell", ({ shell }) => {
  for (const status of [129, 134, 137, 139, 143, 255]) {
    const seen = notesOf(shell, `exit ${status}`);
    expect([seen.status, signalOf(seen.status, seen.notes)]).toEqual([status, null]);
  }
});

test("an exit with 130 or 141 passes for SIGINT or SIGPIPE, of which shells say nothing", () => {
  expect(signalOf(130, [])).toBe(2);
  expect(signalOf(141, [])).toBe(13);
});
