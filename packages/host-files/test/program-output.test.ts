import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { outputOf, runForOutput } from "../src/index.js";
import { scratch } from "./scratch.js";

const sh = (script: string): [string, ...string[]] => ["sh", "-c", script];

/** A program that starts another one in the background, and writes the numbers of both to a file. */
const family = (pids: string): [string, ...string[]] => [
  "/bin/sh",
  "-c",
  'sleep 1000 & echo $$ $! > "$0.new"; mv "$0.new" "$0"; exec sleep 1000',
  pids,
];

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function pidsIn(file: string): number[] {
  return readFileSync(file, "utf8").trim().split(" ").map(Number);
}

function isAlive(pid: number): boolean {
  try {
    // A zombie has ended: whoever is to look after it has not done so yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe("a program that is run for what it prints", () => {
  test("gives both streams and its exit code; the environment and the directory are those that it is given", async () => {
    const directory = scratch();
    const script = 'echo "$WORD $PWD"; echo trouble >&2; exit 3';
    const end = await runForOutput(["sh", "-c", script], {
      cwd: directory,
      env: { PATH: process.env["PATH"], WORD: "é" },
    });
    expect(end).toEqual({ exitCode: 3, stdout: `é ${directory}\n`, stderr: "trouble\n" });
  });

  test("reads nothing", async () => {
    expect(await outputOf(["cat"])).toBe("");
  });

  test("gets its words as they are", async () => {
    const words = ["", " ", "a b", "'", '"', "$HOME", "`x`", "\\", "-n", "é\n", "*"];
    expect((await outputOf(["printf", "%s\\0", ...words])).split("\0").slice(0, -1)).toEqual(words);
  });

  test("that is not there, that fails, that is killed, that is slow and that prints for ever is an error which says so", async () => {
    await expect(outputOf(["no-such-program"])).rejects.toMatchObject({ code: "PROGRAM_NOT_FOUND" });
    await expect(outputOf(["true"], { env: {} })).rejects.toMatchObject({ code: "PROGRAM_NOT_FOUND" });
    await expect(
      outputOf(sh("echo first >&2; printf 'la\\033[1mst\\n\\n' >&2; exit 7")),
    ).rejects.toMatchObject({
      code: "PROGRAM_FAILED",
      message: "sh ended with exit code 7: last",
    });
    await expect(runForOutput(sh("kill -TERM $$"))).rejects.toMatchObject({
      code: "PROGRAM_STOPPED",
      message: "sh was stopped: SIGTERM",
    });
    await expect(runForOutput(["sleep", "1000"], { timeoutMs: 100 })).rejects.toMatchObject({
      code: "PROGRAM_STOPPED",
      message: "sleep was stopped: it took longer than 0.1 seconds",
    });
    await expect(runForOutput(["yes"], { maxBytes: 10_000 })).rejects.toMatchObject({
      code: "PROGRAM_STOPPED",
      message: "yes was stopped: it printed more than 10000 bytes",
    });
  });
});

describe("nothing is left of a program", () => {
  test("when it ends: what it left in the background holds nobody up", async () => {
    const pids = join(scratch(), "pids");
    const end = await runForOutput(["sh", "-c", 'sleep 1000 & echo $! > "$0"', pids]);
    expect(end.exitCode).toBe(0);
    await until(() => pidsIn(pids).every((pid) => !isAlive(pid)));
  });

  test("when it is stopped: the reason is the caller's own", async () => {
    const pids = join(scratch(), "pids");
    const stop = new AbortController();
    const run = runForOutput(family(pids), { signal: stop.signal });
    await until(() => existsSync(pids));
    stop.abort(new Error("enough"));
    await expect(run).rejects.toThrow("enough");
    await until(() => pidsIn(pids).every((pid) => !isAlive(pid)));
    await expect(runForOutput(["true"], { signal: stop.signal })).rejects.toThrow("enough");
  });

  test("when it ignores the request to end", async () => {
    const pids = join(scratch(), "pids");
    const stop = new AbortController();
    const script = `trap '' TERM; sleep 1000 & echo $$ $! > "$0"; while :; do sleep 0.1; done`;
    const run = runForOutput(["sh", "-c", script, pids], { signal: stop.signal });
    await until(() => existsSync(pids) && readFileSync(pids, "utf8").endsWith("\n"));
    stop.abort(new Error("enough"));
    await expect(run).rejects.toThrow("enough");
    await until(() => pidsIn(pids).every((pid) => !isAlive(pid)));
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const)("when we end by %s", async (signal) => {
    const directory = scratch();
    const pids = join(directory, "pids");
    const program = join(directory, "program.mjs");
    const contents = `import { runForOutput } from "../src/program-output.ts";
await runForOutput(${JSON.stringify(family(pids))});`;
    buildSync({
      stdin: { contents, resolveDir: import.meta.dirname, loader: "ts" },
      bundle: true,
      platform: "node",
      format: "esm",
      conditions: ["@vm/source"],
      outfile: program,
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
    });
    const us = spawn(process.execPath, [program], { stdio: "ignore" });
    await until(() => existsSync(pids));
    us.kill(signal);
    await once(us, "close");
    await until(() => pidsIn(pids).every((pid) => !isAlive(pid)));
    expect(us.signalCode).toBe(signal);
  });
});
