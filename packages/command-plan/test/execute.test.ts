import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { buildSync } from "esbuild";
import { afterAll, beforeEach, expect, test } from "vitest";
import { execute, type Plan } from "../src/index.js";

const sandbox = fs.realpathSync(fs.mkdtempSync(`${os.tmpdir()}/command-plan-execute-`));
afterAll(() => fs.rmSync(sandbox, { recursive: true, force: true }));

let cwd = "";
beforeEach(() => {
  cwd = fs.mkdtempSync(`${sandbox}/test-`);
});

/** Runs the plan with its programs' output in a file. */
async function outputOf(plan: Plan, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const output = fs.openSync(`${sandbox}/output`, "w+");
  try {
    const outcome = await execute(plan, { cwd, env, stdio: ["ignore", output, output] });
    expect(outcome).toEqual({ exitCode: 0 });
    return fs.readFileSync(`${sandbox}/output`, "utf8");
  } finally {
    fs.closeSync(output);
  }
}

test("a failure says which step, why, and with what exit code the plan ends", async () => {
  const failing = async (step: Plan[number]): Promise<unknown> => {
    const { exitCode, failure } = await execute([{ kind: "comment", text: "" }, step], { cwd });
    expect(failure).toMatchObject({ step, index: 1 });
    return [exitCode, failure?.error.code, failure?.error.message];
  };
  fs.writeFileSync(`${cwd}/plain`, "");
  expect(await failing({ kind: "make-directory", path: "no/where" })).toEqual([
    1,
    "STEP_FAILED",
    "cannot make the directory no/where: no such file or directory",
  ]);
  expect(await failing({ kind: "change-directory", path: "plain" })).toEqual([
    1,
    "STEP_FAILED",
    "cannot enter plain: not a directory",
  ]);
  expect(await failing({ kind: "run", argv: ["no-such-program"] })).toEqual([
    127,
    "PROGRAM_NOT_FOUND",
    "program not found: no-such-program",
  ]);
  expect(await failing({ kind: "exec", argv: ["./plain"] })).toEqual([
    126,
    "PROGRAM_NOT_EXECUTABLE",
    expect.stringContaining("cannot start ./plain: "),
  ]);
  expect(await failing({ kind: "run", argv: ["sh", "-c", "exit 3"] })).toEqual([
    3,
    "PROGRAM_FAILED",
    "sh failed with exit code 3",
  ]);
  expect(await failing({ kind: "run", argv: ["sh", "-c", "kill -KILL $$"] })).toEqual([
    137,
    "PROGRAM_FAILED",
    "sh was ended by SIGKILL",
  ]);
});

test("a program that a directory of PATH might hide is not found, as in a shell", async () => {
  fs.mkdirSync(`${cwd}/closed`, { mode: 0 });
  fs.mkdirSync(`${cwd}/bin/program`, { recursive: true });
  const env = { PATH: `${cwd}/closed:${cwd}/bin` };
  expect(await execute([{ kind: "run", argv: ["program"] }], { cwd, env })).toMatchObject({ exitCode: 127 });
});

test("the exit code of the last program is an answer, not a failure", async () => {
  expect(await execute([{ kind: "exec", argv: ["sh", "-c", "exit 3"] }], { cwd })).toEqual({ exitCode: 3 });
});

test("the caller can take over the last program", async () => {
  const calls: unknown[] = [];
  const outcome = await execute(
    [
      { kind: "make-directory", path: "vm" },
      { kind: "change-directory", path: "vm" },
      { kind: "exec", argv: ["qemu-system-x86_64", "-S"] },
    ],
    {
      cwd,
      env: { PATH: "/bin" },
      onExec: async (argv, context) => {
        calls.push(argv, context);
        return 4;
      },
    },
  );
  expect(outcome).toEqual({ exitCode: 4 });
  expect(calls).toEqual([
    ["qemu-system-x86_64", "-S"],
    { cwd: `${cwd}/vm`, env: { PATH: "/bin", PWD: `${cwd}/vm` } },
  ]);
});

test("programs run in the plan's directory, which they also find in PWD; the process stays where it is", async () => {
  const before = process.cwd();
  fs.mkdirSync(`${cwd}/real/inner`, { recursive: true });
  fs.symlinkSync("real/inner", `${cwd}/link`);
  const show = { kind: "run", argv: ["sh", "-c", "pwd -P; printenv PWD"] } as const;
  const output = await outputOf([
    { kind: "change-directory", path: "link" },
    show,
    { kind: "change-directory", path: ".." },
    show,
  ]);
  expect(output).toBe(`${cwd}/real/inner\n${cwd}/link\n${cwd}/real\n${cwd}/real\n`);
  expect(process.cwd()).toBe(before);
});

test("input can be read, reopened and sought in, and is left nowhere", async () => {
  const scratch = `${cwd}/scratch`;
  fs.mkdirSync(scratch);
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = scratch;
  try {
    const input = Buffer.from([0, 255, 10, 65]);
    const output = await outputOf([
      { kind: "run", argv: ["od", "-An", "-tx1", "/dev/stdin"], input },
      { kind: "run", argv: ["ls", scratch], input },
      { kind: "run", argv: ["true"], input: "x".repeat(1 << 20) },
    ]);
    expect(output).toBe(" 00 ff 0a 41\n");
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
});

test("a name that is not UTF-8 is removed with the rest of its tree", async () => {
  const name = Buffer.concat([Buffer.from(`${cwd}/tree/`), Buffer.of(0xff, 0xfe)]);
  fs.mkdirSync(`${cwd}/tree`);
  fs.writeFileSync(name, "");
  expect(await execute([{ kind: "remove", path: "tree", recursive: true }], { cwd })).toEqual({
    exitCode: 0,
  });
  expect(fs.readdirSync(cwd)).toEqual([]);
});

/** A Node process of its own that executes a plan and exits like the bin does, from a bundle like the bin's. */
function bundle(plan: Plan): string {
  const file = `${cwd}/plan.cjs`;
  const { outputFiles } = buildSync({
    stdin: {
      contents: `import { execute } from "./src/index.ts";
        const plan = ${JSON.stringify(plan)};
        execute(plan).then(({ exitCode, failure }) => { process.exitCode = exitCode; if (failure) console.log(failure.error.code); });`,
      resolveDir: new URL("..", import.meta.url).pathname,
    },
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
  });
  fs.writeFileSync(file, outputFiles[0]?.contents ?? "");
  return file;
}

test.each([
  ["run", "trap 'exit 9' TERM", 9, "PLAN_INTERRUPTED"],
  ["run", "trap 'exit 0' TERM", 143, "PLAN_INTERRUPTED"],
  ["run", ":", 143, "PLAN_INTERRUPTED"],
  ["exec", "trap 'exit 9' TERM", 9, ""],
  ["exec", ":", 143, ""],
] as const)(
  "SIGTERM is passed on to the program of a %s step with: %s",
  async (kind, prelude, exitCode, code) => {
    const program = `${prelude}; echo ready; while :; do sleep 0.05; done`;
    const plan: Plan =
      kind === "exec"
        ? [{ kind, argv: ["sh", "-c", program] }]
        : [
            { kind, argv: ["sh", "-c", program] },
            { kind: "run", argv: ["echo", "went on"] },
          ];
    const child = spawn(process.execPath, [bundle(plan)], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (data) => {
      output += String(data);
      if (String(data) === "ready\n") child.kill("SIGTERM");
    });
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(exitCode);
    expect(output.replace("ready\n", "").trim()).toBe(code);
  },
);

test("who wants to know hears of a program that takes longer than a second, and of no other", async () => {
  const heard: string[] = [];
  const slow = ["sh", "-c", "until [ -e go ]; do sleep .05; done"] as const;
  const outcome = await execute(
    [
      { kind: "run", argv: ["true"] },
      { kind: "run", argv: slow },
    ],
    {
      cwd,
      onLong: ([program], elapsedSeconds) => {
        heard.push(program);
        expect(elapsedSeconds).toBeGreaterThanOrEqual(1);
        fs.writeFileSync(`${cwd}/go`, "");
      },
    },
  );
  expect(outcome).toEqual({ exitCode: 0 });
  expect(heard).toContain("sh");
});
