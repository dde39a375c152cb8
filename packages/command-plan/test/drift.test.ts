import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { execute, type Plan, toScript } from "../src/index.js";
import { plan } from "./arbitrary.js";
import { snapshot } from "./tree.js";

const sandbox = fs.mkdtempSync(`${os.tmpdir()}/command-plan-drift-`);
afterAll(() => fs.rmSync(sandbox, { recursive: true, force: true }));

// A plan may climb by one `..` a step: it starts deep enough never to leave its tree.
const start = "0/1/2/3/4/5/6/7/8/9/10/11";
// About a directory of PATH that may not be searched, shells do not even agree with themselves.
const searchPath = (process.env["PATH"] ?? "").split(":").filter((directory) => canSearch(directory));
const env = { PATH: searchPath.join(":"), PLAN_VARIABLE: "set", LC_ALL: "C", CDPATH: "/:/etc:a" };

function canSearch(directory: string): boolean {
  try {
    fs.accessSync(directory, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

interface Result {
  readonly exitCode: number;
  readonly tree: readonly string[];
  readonly stdout: string;
  readonly stderr: string | null;
}

type Reader = (cwd: string, stdio: [number, number, number]) => Promise<number> | number;

const readers = {
  execute:
    (steps: Plan): Reader =>
    async (cwd, stdio) =>
      (await execute(steps, { cwd, env, stdio })).exitCode,
  script:
    (steps: Plan, shell: string): Reader =>
    (cwd, stdio) => {
      const file = `${sandbox}/script.sh`;
      fs.writeFileSync(file, toScript(steps));
      const [program = "", ...args] = shell.split(" ");
      const { status, signal } = spawnSync(program, [...args, file], { cwd, env, stdio });
      return status ?? 128 + os.constants.signals[signal!];
    },
};

/** Runs it in a new directory, with a file as its standard input. */
async function resultOf(reader: Reader): Promise<Result> {
  const root = `${sandbox}/run`;
  const cwd = `${root}/${start}`;
  fs.mkdirSync(cwd, { recursive: true });
  const [input, output, errors] = [`${sandbox}/input`, `${sandbox}/output`, `${sandbox}/errors`];
  fs.writeFileSync(input, "the plan's own input\n");
  const stdio: [number, number, number] = [
    fs.openSync(input, "r"),
    fs.openSync(output, "w"),
    fs.openSync(errors, "w"),
  ];
  try {
    const exitCode = await reader(cwd, stdio);
    const stderr = exitCode === 0 ? fs.readFileSync(errors, "latin1") : null;
    return { exitCode, tree: snapshot(root), stdout: fs.readFileSync(output, "latin1"), stderr };
  } finally {
    for (const file of stdio) fs.closeSync(file);
    fs.rmSync(root, { recursive: true, force: true });
  }
}

/**
 * Busybox brings its own programs. `rm -rf FILE/x` is an error there (GNU's finds nothing to remove), `mv` of a file to
 * another name of it does nothing with success, and `mkdir -m` drops a set-group-ID bit inherited from above.
 */
function forBusybox(steps: Plan): Plan {
  return steps.filter((step) => {
    if (step.kind === "remove") return step.recursive !== true || !step.path.includes("/");
    if (step.kind === "rename") return !step.from.includes("/") && !step.to.includes("/");
    if (step.kind === "make-directory") return step.mode !== 0o2755;
    return step.kind !== "run" || step.argv[0] !== "ln" || step.argv[1] === "-s";
  });
}

/** How many random plans: the script is the same for every shell, so most go to the first. */
const shells = [
  ["sh", 120],
  ["bash", 40],
  ["busybox sh", 30],
] as const;
/** For a longer look: `DRIFT_FACTOR=20`. */
const factor = Number(process.env["DRIFT_FACTOR"] ?? 1);

test.each(shells)(
  "random plans leave the same tree, output and exit code both ways: %s, %i times",
  async (shell, runs) => {
    await fc.assert(
      fc.asyncProperty(
        shell.startsWith("busybox") ? plan.map(forBusybox) : plan,
        fc.constantFrom(0o022, 0o002, 0o077, 0o027),
        async (steps, umask) => {
          const before = process.umask(umask);
          try {
            expect(await resultOf(readers.script(steps, shell))).toEqual(
              await resultOf(readers.execute(steps)),
            );
          } finally {
            process.umask(before);
          }
        },
      ),
      { numRuns: runs * factor },
    );
  },
);

test.each(shells)("a megabyte of bytes, of lines and of one line survives both ways: %s", async (shell) => {
  const bytes = Uint8Array.from({ length: 1 << 20 }, (_, index) => (index * 197 + (index >> 8)) & 0xff);
  const lines = "a line of text\n".repeat(70_000);
  const steps: Plan = [
    { kind: "write-file", path: "bytes", content: bytes },
    { kind: "write-file", path: "lines", content: lines },
    { kind: "write-file", path: "line", content: "x".repeat(1 << 20) },
    { kind: "run", argv: ["cksum"], input: bytes },
    // Who does not read its input is no failure, and ends nobody else.
    { kind: "run", argv: ["true"], input: bytes },
    { kind: "run", argv: ["true"], input: lines },
  ];
  const result = await resultOf(readers.execute(steps));
  expect(result.exitCode).toBe(0);
  expect(await resultOf(readers.script(steps, shell))).toEqual(result);
});
