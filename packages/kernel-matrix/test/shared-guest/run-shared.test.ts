import { EventEmitter, once } from "node:events";
import type { CommandResult, Outcome, RunCommand } from "@vm/guest-run";
import { expect, test } from "vitest";
import { judgeBy } from "../../src/expected/expected-ends.js";
import type { PreparedKernel } from "../../src/prepare-kernel.js";
import type { MatrixResult } from "../../src/result.js";
import { runMatrix, type RunMatrix } from "../../src/run-matrix.js";
import { cellVerdict, describeEnd } from "../../src/verdict.js";
import { commandResult } from "../made-results.js";

const kernel: PreparedKernel = {
  kind: "ready",
  row: { name: "k", given: "k", release: "6.1", tree: "/k", image: "/k/image", warnings: [] },
  build: {
    kind: "image",
    image: "/k/image",
    release: "6.1",
    arch: "x86_64",
    modules: "absent",
    options: {},
    warnings: [],
  },
  kernel: { image: "/k/image", arch: "x86_64" },
  qemu: "/usr/bin/qemu-system-x86_64",
  accelerator: { accelerator: "tcg", options: [] },
  explain: () => Promise.resolve(null),
};

/** What a guest does when it is told to run a test: says how it ended, dies of it, or says nothing any more. */
type Answer =
  | {
      readonly status: number;
      readonly console?: string;
      readonly stdout?: string;
      readonly tainted?: number;
    }
  | { readonly dies: Outcome; readonly console?: string }
  | "silence";

/** Guests that speak the driver's protocol; their last words are `after`. */
function guests(
  answer: (test: string, guest: number) => Answer,
  after: (guest: number) => Outcome = () => ({ kind: "exited", status: 0 }),
) {
  const ran: string[] = [];
  let count = 0;
  const run = async ({ command, streams, console, onStart }: RunCommand): Promise<CommandResult> => {
    count += 1;
    const number = count;
    const text = String(command);
    const [, short = "", rest = ""] = /vm_a=(\w+) vm_b=(\w+)/.exec(text) ?? [];
    const tests = [...text.matchAll(/^vm_text_\d+='?([\w ]+)'?$/gm)].map(([, name = ""]) => name);
    const control = new EventEmitter<{ stop: [signal: number] }>();
    const stopped = once(control, "stop").then(([signal]): Outcome => ({ kind: "stopped", signal }));
    onStart?.({
      pid: 1,
      signal: () => false,
      resize: () => {},
      stop: (signal) => void control.emit("stop", signal),
    });
    if (streams.kind !== "pipes" || streams.stdin === "none") throw new Error("no pipes");
    const { stdin, stdout, stderr } = streams;
    const say = (words: string, more = ""): void => {
      stderr.write(`\u001evm-${short}${rest} ${words}\n`);
      stdout.write(`\u001evm-${short}${rest} ${words}${more}\n`);
    };
    console?.write("[ 0.1] booted\r\n");
    const ready = answer("", number);
    if (ready !== "silence" && "dies" in ready) return commandResult(ready.dies);
    say("e 0", " 0 1 0 0 0 6.1.0 ");
    const session = async (): Promise<Outcome> => {
      for await (const chunk of stdin) {
        const index = Number(String(chunk));
        const name = tests[index - 1] ?? "?";
        ran.push(`${name} in ${number}`);
        say(`b ${index}`);
        const told = answer(name, number);
        if (told === "silence") return await stopped;
        console?.write(told.console ?? "");
        if ("dies" in told) return told.dies;
        stdout.write(told.stdout ?? "");
        say(`e ${index}`, ` ${told.status} 1 ${told.tainted ?? 0} 0 0 6.1.0 `);
        console?.write(`[ 1.000000] vm-${short} e ${index}\r\n`);
      }
      return after(number);
    };
    return commandResult(await Promise.race([session(), stopped]));
  };
  return { run, ran };
}

function runTests(
  names: readonly string[],
  run: ReturnType<typeof guests>["run"],
  more: Partial<RunMatrix> & { readonly timeoutMs?: number; readonly failOn?: readonly "warn"[] } = {},
): Promise<MatrixResult> {
  const { timeoutMs, failOn, ...rest } = more;
  const command = {
    environment: {},
    cwd: "/",
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(failOn === undefined ? {} : { failOn }),
  };
  return runMatrix({
    kernels: [kernel],
    tests: names.map((name) => ({ name, command: Buffer.from(name), file: null, guest: "shared" })),
    settings: { guest: {}, command },
    jobs: 2,
    onFailure: "go-on",
    runCommand: run,
    ...rest,
  });
}

const ends = ({ cells }: MatrixResult): string[] =>
  cells.map(({ test: name, end }) => `${name} ${cellVerdict(end)}: ${describeEnd(end)}`);

test("tests share a guest, each with its own output, console and status", async () => {
  const { run, ran } = guests((name) => ({
    status: name === "two" ? 3 : 0,
    stdout: `out of ${name}`,
    console: `[ 1.0] console of ${name}\r\n`,
  }));
  const result = await runTests(["one", "two", "three"], run);
  expect(ran).toEqual(["one in 1", "two in 1", "three in 1"]);
  expect(ends(result)).toEqual([
    "one passed: exited with status 0",
    "two failed: exited with status 3",
    "three passed: exited with status 0",
  ]);
  expect(result.cells[1]?.end).toMatchObject({
    stdout: { head: Buffer.from("out of two") },
    console: { head: Buffer.from("[ 1.0] console of two\r\n") },
    guest: { number: 1, position: 2, after: "one" },
    result: { release: "6.1.0" },
  });
});

test("one that breaks the kernel is blamed, and a new guest goes on with the next", async () => {
  const { run, ran } = guests((name) =>
    name === "bad" ? { dies: { kind: "panicked", reason: "Kernel panic - not syncing: x" } } : { status: 0 },
  );
  const result = await runTests(["one", "bad", "three", "bad", "five"], run);
  expect(ran).toEqual(["one in 1", "bad in 1", "three in 2", "bad in 2", "five in 3"]);
  expect(ends(result)).toEqual([
    "one passed: exited with status 0",
    "bad failed: kernel panic: x",
    "three passed: exited with status 0",
    "bad failed: kernel panic: x",
    "five passed: exited with status 0",
  ]);
});

test("an oops, and what --fail-on names, are the test's whose console has them, and end the guest's use", async () => {
  const oops = "[ 1.000000] BUG: kernel NULL pointer dereference, address: 0\r\n";
  const warning = "[ 1.000000] WARNING: CPU: 0 PID: 1 at x.c:1 f+0x1/0x2\r\n";
  const { run, ran } = guests((name) => ({
    status: 0,
    ...(name === "oops" ? { console: oops } : name === "warn" ? { console: warning } : {}),
  }));
  const names = ["oops", "warn", "last"];
  const strict = await runTests(names, run, { failOn: ["warn"] });
  expect(strict.cells.map(({ end }) => cellVerdict(end))).toEqual(["failed", "failed", "passed"]);
  expect(ran).toEqual(["oops in 1", "warn in 2", "last in 3"]);
  const lax = guests((name) => ({ status: 0, ...(name === "warn" ? { console: warning } : {}) }));
  expect((await runTests(names, lax.run)).cells.map(({ end }) => cellVerdict(end))).toEqual([
    "passed",
    "passed",
    "passed",
  ]);
  expect(lax.ran.at(-1)).toBe("last in 1");
});

test("a test that takes too long is timed out, and the others are not", async () => {
  const { run, ran } = guests((name) => (name === "hangs" ? "silence" : { status: 0 }));
  const result = await runTests(["one", "hangs", "three"], run, { timeoutMs: 2000 });
  expect(ends(result)[1]).toBe("hangs failed: timed out: It had not ended after 2.0 s.");
  expect(ran).toEqual(["one in 1", "hangs in 1", "three in 2"]);
});

test("what the kernel says when the guest ends is the last test's", async () => {
  const { run } = guests(
    () => ({ status: 0 }),
    () => ({ kind: "panicked", reason: "Kernel panic - not syncing: late" }),
  );
  expect(ends(await runTests(["one", "two"], run))).toEqual([
    "one passed: exited with status 0",
    "two failed: kernel panic: late",
  ]);
});

test("a guest that never came to a test is how all of them end, once", async () => {
  let boots = 0;
  const { run } = guests(() => {
    boots += 1;
    return { dies: { kind: "not-started", reason: "no root", cause: "guest" } };
  });
  const result = await runTests(["one", "two"], run, { attempts: { repeat: 1, until: "count", retry: 3 } });
  expect(boots).toBe(1);
  expect(result.cells.map(({ end }) => cellVerdict(end))).toEqual(["error", "error"]);
});

test("the taint that a test leaves is told, of the one that left it", async () => {
  const { run } = guests((name) => ({ status: 0, tainted: name === "one" ? 0 : 512 + 64 }));
  const { cells } = await runTests(["one", "two", "three"], run);
  expect(cells.map(({ end }) => (end.kind === "ran" ? end.taint : null))).toEqual([
    undefined,
    { tainted: 576, added: ["USER", "WARN"] },
    undefined,
  ]);
});

test("retries and rounds of repeats stay in the guest", async () => {
  let tries = 0;
  const { run, ran } = guests((name) => ({ status: name === "race" && ++tries === 1 ? 1 : 0 }));
  const rules = { repeat: 2, until: "count", retry: 1 } as const;
  const result = await runTests(["race", "two"], run, { attempts: rules });
  expect(ran).toEqual(["race in 1", "race in 1", "two in 1", "race in 1", "two in 1"]);
  expect(result.cells.map(({ end }) => cellVerdict(end))).toEqual(["flaky", "passed"]);
});

test("--fail-fast skips what comes behind", async () => {
  const { run, ran } = guests((name) => ({ status: name === "two" ? 1 : 0 }));
  const result = await runTests(["one", "two", "three"], run, { onFailure: "stop" });
  expect(ran).toEqual(["one in 1", "two in 1"]);
  expect(result.cells.map(({ end }) => cellVerdict(end))).toEqual(["passed", "failed", "skipped"]);
});

test("what wants parameters of its own, or is read from the console, has a guest of its own", async () => {
  const starts: string[] = [];
  const { run, ran } = guests(() => ({ status: 0 }));
  const watched = (request: RunCommand): Promise<CommandResult> => {
    const { guest } = request;
    starts.push(guest.kind === "embedded" ? (guest.kernelCmdline ?? "") : "");
    return guest.kind === "embedded" && guest.kernelCmdline === "kunit.enable=1"
      ? Promise.resolve(commandResult({ kind: "exited", status: 0 }))
      : run(request);
  };
  const result = await runMatrix({
    kernels: [kernel],
    tests: [
      { name: "one", command: Buffer.from("one"), file: null, guest: "shared" },
      {
        name: "kunit",
        command: Buffer.from("x"),
        file: null,
        guest: "shared",
        parameters: ["kunit.enable=1"],
        results: { from: "console", header: "recognised" },
      },
      { name: "two", command: Buffer.from("two"), file: null, guest: "shared" },
    ],
    settings: { guest: { kernelCmdline: "" }, command: { environment: {}, cwd: "/" } },
    jobs: 1,
    onFailure: "go-on",
    runCommand: watched,
  });
  expect(starts).toEqual(["", "kunit.enable=1"]);
  expect(ran).toEqual(["one in 1", "two in 1"]);
  expect(result.cells.map(({ test: name, end }) => [name, cellVerdict(end)])).toEqual([
    ["one", "passed"],
    ["kunit", "passed"],
    ["two", "passed"],
  ]);
});

test("what the kernel says while the last guest ends is the last test's, though its failure was expected and might be tried again", async () => {
  const { run, ran } = guests(
    () => ({ status: 1 }),
    () => ({ kind: "panicked", reason: "Kernel panic - not syncing: late" }),
  );
  const judge = judgeBy({ file: "known", lines: [{ line: 1, pattern: "one", reason: "x", until: null }] });
  const attempts = { repeat: 1, until: "count", retry: 1 } as const;
  const result = await runTests(["one"], run, { judge, attempts });
  expect(ran[0]).toBe("one in 1");
  expect(result.cells.map(({ end }) => cellVerdict(end))).toEqual(["failed"]);
});
