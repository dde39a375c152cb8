import { expect, test } from "vitest";
import { bisectExitCode, commandExitCode } from "../../src/session/exit-code.js";
import type { Outcome } from "../../src/session/outcome.js";

// The table of docs/exit-codes.md.
const cases: readonly (readonly [outcome: Outcome, code: number, bisect: number])[] = [
  [{ kind: "exited", status: 0 }, 0, 0],
  [{ kind: "exited", status: 1 }, 1, 1],
  [{ kind: "exited", status: 125 }, 125, 1],
  [{ kind: "exited", status: 255 }, 255, 1],
  [{ kind: "signalled", signal: 9, name: "SIGKILL" }, 137, 1],
  [{ kind: "panicked", reason: "" }, 250, 1],
  [{ kind: "oopsed", reason: "", complaint: "oops", status: 0 }, 251, 1],
  [{ kind: "hung", reason: "" }, 252, 1],
  [{ kind: "timed-out", reason: "", phase: "boot" }, 253, 1],
  [{ kind: "lost", reason: "", by: "guest" }, 254, 1],
  [{ kind: "lost", reason: "", by: "qemu" }, 254, 128],
  [{ kind: "not-started", reason: "", cause: "configuration" }, 255, 125],
  [{ kind: "not-started", reason: "", cause: "image" }, 255, 125],
  [{ kind: "not-started", reason: "", cause: "guest" }, 255, 128],
  [{ kind: "not-started", reason: "", cause: "qemu" }, 255, 128],
  [{ kind: "stopped", signal: 15 }, 143, 128],
];

test.each(cases)("%j exits with %d, and with %d for a bisection", (outcome, code, bisect) => {
  expect(commandExitCode(outcome)).toBe(code);
  expect(bisectExitCode({ outcome, closedOutputs: [] })).toBe(bisect);
});

test("a command whose reader went away says nothing of a commit, and a kernel that failed does", () => {
  const closedOutputs = ["stdout"] as const;
  const code = (outcome: Outcome): number => bisectExitCode({ outcome, closedOutputs });
  expect(code({ kind: "signalled", signal: 13, name: "SIGPIPE" })).toBe(128);
  expect(code({ kind: "exited", status: 1 })).toBe(128);
  expect(code({ kind: "exited", status: 0 })).toBe(0);
  expect(code({ kind: "panicked", reason: "" })).toBe(1);
});
