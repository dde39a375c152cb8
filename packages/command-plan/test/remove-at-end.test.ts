import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, afterEach, describe, expect, test } from "vitest";
import { execute, toScript, type Plan } from "../src/index.js";

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), "it's at end "))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A directory that is put together under another name. */
function plan(program: readonly [string, ...string[]]): Plan {
  const temporary = join(home, "-new $x");
  return [
    { kind: "make-directory", path: temporary },
    { kind: "remove-at-end", path: temporary },
    { kind: "write-file", path: join(temporary, "file"), content: "" },
    { kind: "run", argv: program },
    { kind: "rename", from: temporary, to: join(home, "done") },
  ];
}

describe.each(["sh", "bash", "busybox"])("the script in %s", (shell) => {
  const words = shell === "busybox" ? ["sh"] : [];

  test("leaves what a plan that went well has made", () => {
    const { status, stderr } = spawnSync(shell, words, { input: toScript(plan(["true"])), encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(readdirSync(home)).toEqual(["done"]);
  });

  test("leaves nothing after a failure, and ends with its exit code", () => {
    const { status } = spawnSync(shell, words, {
      input: toScript(plan(["sh", "-c", "exit 7"])),
      encoding: "utf8",
    });
    expect(status).toBe(7);
    expect(readdirSync(home)).toEqual([]);
  });

  test("leaves nothing after a signal", async () => {
    const program = 'touch "$0/started"; until [ -e "$0/signalled" ]; do sleep 0.02; done';
    const child = spawn(shell, [...words, "-c", toScript(plan(["sh", "-c", program, home]))]);
    const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
    while (!existsSync(join(home, "started"))) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGTERM");
    writeFileSync(join(home, "signalled"), "");
    expect(await ended).toBe(143);
    expect(readdirSync(home)).toEqual(["signalled", "started"]);
  });
});

test("the execution leaves what went well, and nothing after a failure", async () => {
  expect(await execute(plan(["sh", "-c", "exit 7"]))).toMatchObject({ exitCode: 7 });
  expect(readdirSync(home)).toEqual([]);
  expect(await execute(plan(["true"]))).toEqual({ exitCode: 0 });
  expect(readdirSync(home)).toEqual(["done"]);
});

test("the script passes shellcheck", () => {
  const { stdout } = spawnSync("shellcheck", ["-s", "sh", "-"], {
    input: toScript(plan(["true"])),
    encoding: "utf8",
  });
  expect(stdout).toBe("");
});

test("a relative path, a second one, or an exec behind it is no plan", () => {
  const relative: Plan = [{ kind: "remove-at-end", path: "a" }];
  const twice: Plan = [
    { kind: "remove-at-end", path: "/x/a" },
    { kind: "remove-at-end", path: "/x/b" },
  ];
  const exec: Plan = [
    { kind: "remove-at-end", path: "/x/a" },
    { kind: "exec", argv: ["true"] },
  ];
  for (const bad of [relative, twice, exec]) {
    expect(() => toScript(bad)).toThrow(expect.objectContaining({ code: "PLAN_INVALID" }));
  }
});
