import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { execScript } from "../../src/reach/exec-script.js";

const host = { env: { PATH: process.env["PATH"], HOME: "/", TERM: "dumb" }, cwd: "/" };
const embedded = { kind: "embedded" } as const;

/** As a guest's sh does it. */
function run(words: readonly string[], guest: { kind: "embedded" | "vm"; root?: string } = embedded) {
  return spawnSync("sh", ["-c", 'eval "$VM_EXEC"'], {
    env: { PATH: process.env["PATH"], VM_EXEC: execScript(guest, words, host), VM_EXEC_ID: "1" },
    encoding: "utf8",
  });
}

test("a program gets its words exactly, whatever is in them", () => {
  const word = fc.string({ unit: "binary-ascii", maxLength: 12 }).filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 4 }), (words) => {
      const { status, stdout } = run(["printf", "[%s]", ...words]);
      expect({ status, stdout }).toEqual({
        status: 0,
        stdout: (words.length === 0 ? [""] : words).map((each) => `[${each}]`).join(""),
      });
    }),
    { numRuns: 60 },
  );
});

test("the status is the program's, and nothing else is said of how it ended", () => {
  for (const [text, status] of [
    ["exit 7", 7],
    ["exit 255", 255],
    ["kill -9 $$", 137],
    ["kill -15 $$", 143],
    ["kill -2 $$", 130],
  ] as const) {
    const end = run(["sh", "-c", text]);
    expect({ text, status: end.status, stderr: end.stderr }).toEqual({ text, status, stderr: "" });
  }
  expect(run(["no-such-program"])).toMatchObject({ status: 127 });
  expect(run(["no-such-program"]).stderr).toContain("not found");
});

test("what brought the command is not in its environment, and a foreign system has its own paths", () => {
  const { stdout } = run(["env"]);
  expect(stdout).not.toMatch(/VM_EXEC|SHLVL/);
  expect(stdout).toContain("HOME=/\n");
  expect(execScript({ kind: "embedded", root: "/srv/root" }, ["true"], host)).not.toContain("HOME");
});

test("a command in a directory that the guest lacks runs in /", () => {
  const gone = mkdtempSync(join(tmpdir(), "vm-gone-"));
  rmSync(gone, { recursive: true });
  const script = execScript(embedded, ["pwd"], { ...host, cwd: gone });
  const { stdout } = spawnSync("sh", ["-c", 'eval "$VM_EXEC"'], {
    env: { VM_EXEC: script },
    encoding: "utf8",
  });
  expect(stdout).toBe("/\n");
});

test.each([
  ["no program", [""]],
  ["an option for a program", ["-l"]],
  ["a NUL", ["echo", "a\0b"]],
  ["more than a variable holds", ["echo", "x".repeat(140_000)]],
])("%s is refused", (_, words) => {
  expect(() => execScript(embedded, words, host)).toThrowError(
    expect.objectContaining({ code: "COMMAND_INVALID" }),
  );
});
