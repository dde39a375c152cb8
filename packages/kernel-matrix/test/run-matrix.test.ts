import { EventEmitter, once } from "node:events";
import { setImmediate } from "node:timers/promises";
import type { CommandResult, Outcome, RunCommand } from "@vm/guest-run";
import { expect, test } from "vitest";
import { judgeBy } from "../src/expected/expected-ends.js";
import type { PreparedKernel } from "../src/prepare-kernel.js";
import type { MatrixResult } from "../src/result.js";
import { runMatrix, type MatrixControl, type MatrixEvent, type RunMatrix } from "../src/run-matrix.js";
import { cellVerdict, matrixExitCode } from "../src/verdict.js";
import { commandResult } from "./made-results.js";

function ready(name: string): PreparedKernel {
  return {
    kind: "ready",
    row: { name, given: name, release: "6.1", tree: `/k/${name}`, image: `/k/${name}/image`, warnings: [] },
    build: {
      kind: "image",
      image: `/k/${name}/image`,
      release: "6.1",
      arch: "x86_64",
      modules: "absent",
      options: {},
      warnings: [],
    },
    kernel: { image: `/k/${name}/image`, arch: "x86_64" },
    qemu: "/usr/bin/qemu-system-x86_64",
    accelerator: { accelerator: "tcg", options: [] },
    explain: () => Promise.resolve(null),
  };
}

const unusable: PreparedKernel = {
  kind: "unusable",
  row: { name: "broken", given: "broken", release: null, tree: null, image: null, warnings: [] },
  problem: { code: "KERNEL_NOT_BUILT", message: "no image", hint: "make" },
};

type Behaviour = (run: RunCommand) => Outcome | Error | "until stopped";

/** A `runCommand` with no guest: what comes of a command is made up; `until stopped` waits for the stop. */
function fakeRun(behaviour: Behaviour) {
  return async (run: RunCommand): Promise<CommandResult> => {
    const how = behaviour(run);
    if (how instanceof Error) throw how;
    const control = new EventEmitter<{ stop: [signal: number] }>();
    const stopped = once(control, "stop").then(([signal]): Outcome => ({ kind: "stopped", signal }));
    run.onStart?.({
      pid: 1,
      signal: () => false,
      resize: () => {},
      stop: (signal) => void control.emit("stop", signal),
    });
    if (run.streams.kind === "pipes") run.streams.stdout.write(`out of ${String(run.command)}\n`);
    run.console?.write(`console of ${run.guest.kernel.image}\r\n`);
    const outcome = await (how === "until stopped" ? stopped : Promise.race([stopped, setImmediate(how)]));
    return commandResult(outcome);
  };
}

function runFake(behaviour: Behaviour, more: Partial<RunMatrix> = {}): Promise<MatrixResult> {
  return runMatrix({
    kernels: [ready("a"), ready("b")],
    tests: ["one", "two"].map((name) => ({ name, command: Buffer.from(name), file: null })),
    settings: { guest: {}, command: { environment: {}, cwd: "/" } },
    jobs: 2,
    onFailure: "go-on",
    runCommand: fakeRun(behaviour),
    ...more,
  });
}

const kinds = ({ cells }: MatrixResult): string[] =>
  cells.map(({ kernel, test: name, end }) => `${kernel} ${name} ${cellVerdict(end)}`);

test("every kernel runs every test, with its own streams", async () => {
  const events: string[] = [];
  const tell = (event: MatrixEvent): void =>
    void events.push(
      event.kind === "started"
        ? `started ${event.kernel} ${event.test}`
        : `ended ${event.cell.kernel} ${event.cell.test}`,
    );
  const result = await runFake(() => ({ kind: "exited", status: 0 }), { onEvent: tell });
  expect(kinds(result)).toEqual(["a one passed", "a two passed", "b one passed", "b two passed"]);
  expect(matrixExitCode(result)).toBe(0);
  expect(events).toHaveLength(8);
  expect(events.slice(0, 2)).toEqual(["started a one", "started a two"]);
  const [, second] = result.cells;
  expect(second?.end).toMatchObject({
    kind: "ran",
    stdout: { head: Buffer.from("out of two\n") },
    console: { head: Buffer.from("console of /k/a/image\r\n") },
  });
});

test("a kernel that cannot be used, and an error of ours, fail their own cells and no others", async () => {
  const result = await runFake(
    ({ command }) => (String(command) === "two" ? new Error("no room left") : { kind: "exited", status: 0 }),
    { kernels: [unusable, ready("b")] },
  );
  expect(kinds(result)).toEqual(["broken one error", "broken two error", "b one passed", "b two error"]);
  expect(result.cells[0]?.end).toMatchObject({ problem: { code: "KERNEL_NOT_BUILT" } });
  expect(result.cells[3]?.end).toMatchObject({ kind: "broken", problem: { message: "no room left" } });
  expect(matrixExitCode(result)).toBe(1);
});

test("a failing command is a failure of the matrix", async () => {
  const result = await runFake(({ command }) => ({
    kind: "exited",
    status: String(command) === "two" ? 2 : 0,
  }));
  expect(kinds(result)).toEqual(["a one passed", "a two failed", "b one passed", "b two failed"]);
  expect(matrixExitCode(result)).toBe(1);
});

test("--fail-fast stops what runs and starts nothing more", async () => {
  const result = await runFake(
    ({ guest, command }) =>
      guest.kernel.image === "/k/a/image" && String(command) === "one"
        ? { kind: "panicked", reason: "x" }
        : "until stopped",
    { onFailure: "stop" },
  );
  expect(kinds(result)).toEqual(["a one failed", "a two skipped", "b one skipped", "b two skipped"]);
  expect(result.stoppedBy).toBeNull();
  expect(matrixExitCode(result)).toBe(1);
});

test("a signal stops all guests, and the result says so", async () => {
  let control: MatrixControl | undefined;
  const result = await runFake(
    ({ command }) => (String(command) === "one" ? { kind: "exited", status: 0 } : "until stopped"),
    {
      onStart: (given) => void (control = given),
      onEvent: (event) => {
        if (event.kind === "ended") control?.stop(2);
      },
    },
  );
  expect(kinds(result)).toEqual(["a one passed", "a two skipped", "b one skipped", "b two skipped"]);
  expect(result.cells[1]?.end).toMatchObject({
    kind: "ran",
    result: { outcome: { kind: "stopped", signal: 2 } },
  });
  expect(result.stoppedBy).toBe(2);
  expect(matrixExitCode(result)).toBe(130);
});

test("a stop before the first guest skips everything", async () => {
  const result = await runFake(() => "until stopped", { onStart: (control) => control.stop(15) });
  expect(new Set(result.cells.map(({ end }) => end.kind))).toEqual(new Set(["skipped"]));
  expect(matrixExitCode(result)).toBe(143);
});

test("no cells at all is no success", async () => {
  expect(matrixExitCode(await runFake(() => ({ kind: "exited", status: 0 }), { kernels: [] }))).toBe(1);
});

test("a test that fails at first is tried again, at once, and its kernel's others are not", async () => {
  const started: string[] = [];
  const result = await runFake(
    ({ guest, command }) => {
      started.push(`${guest.kernel.image.slice(3, 4)} ${String(command)}`);
      const isFirst = started.filter((name) => name === "a two").length === 1;
      return { kind: "exited", status: started.at(-1) === "a two" && isFirst ? 1 : 0 };
    },
    { jobs: 1, attempts: { repeat: 1, until: "count", retry: 2 } },
  );
  expect(started).toEqual(["a one", "a two", "a two", "b one", "b two"]);
  expect(kinds(result)).toEqual(["a one passed", "a two flaky", "b one passed", "b two passed"]);
  expect(matrixExitCode(result)).toBe(0);
  expect(matrixExitCode({ ...result, flaky: "fail" })).toBe(1);
});

test("repeats are rounds, and with until-fail the first failure ends those of all", async () => {
  const started: string[] = [];
  const result = await runFake(
    ({ guest, command }) => {
      started.push(`${guest.kernel.image.slice(3, 4)} ${String(command)}`);
      const status = started.at(-1) === "b one" && started.length > 7 ? 1 : 0;
      return { kind: "exited", status };
    },
    { jobs: 1, attempts: { repeat: Infinity, until: "failure", retry: 0 } },
  );
  const round = ["a one", "a two", "b one", "b two"];
  // The third round's failure is its third: what was to come after it is not repeated.
  expect(started).toEqual([...round, ...round, ...round].slice(0, 11));
  expect(kinds(result)).toEqual(["a one passed", "a two passed", "b one failed", "b two passed"]);
  expect(result.cells.map(({ end }) => (end.kind === "ran" ? end.attempts?.total : null))).toEqual([
    3, 3, 3, 2,
  ]);
});

test("a stop in the middle of endless repeats leaves what was known", async () => {
  let control: MatrixControl | undefined;
  let count = 0;
  const result = await runFake(
    () => {
      count += 1;
      if (count < 7) return { kind: "exited", status: 0 };
      control?.stop(2);
      return "until stopped";
    },
    {
      jobs: 1,
      attempts: { repeat: Infinity, until: "failure", retry: 0 },
      onStart: (given) => void (control = given),
    },
  );
  expect(kinds(result)).toEqual(["a one passed", "a two passed", "b one passed", "b two passed"]);
  expect(matrixExitCode(result)).toBe(130);
});

test("with a seed each kernel runs the tests in its order, and the result has them in the given one", async () => {
  const started: string[] = [];
  const tests = ["one", "two", "three", "four"].map((name) => ({
    name,
    command: Buffer.from(name),
    file: null,
  }));
  const result = await runFake(
    ({ guest, command }) => {
      started.push(`${guest.kernel.image.slice(3, 4)} ${String(command)}`);
      return { kind: "exited", status: 0 };
    },
    { jobs: 1, seed: 3, tests },
  );
  const order = result.shuffle?.order ?? [];
  expect(order.toSorted()).toEqual(["four", "one", "three", "two"]);
  expect(order).not.toEqual(["one", "two", "three", "four"]);
  expect(started).toEqual([...order.map((name) => `a ${name}`), ...order.map((name) => `b ${name}`)]);
  expect(result.cells.slice(0, 4).map(({ test: name }) => name)).toEqual(["one", "two", "three", "four"]);
});

test("a failure within --fail-fast ends repeats too", async () => {
  let count = 0;
  const result = await runFake(() => ({ kind: "exited", status: ++count === 2 ? 1 : 0 }), {
    jobs: 1,
    onFailure: "stop",
    attempts: { repeat: 5, until: "count", retry: 0 },
  });
  expect(count).toBe(2);
  expect(kinds(result)).toEqual(["a one passed", "a two failed", "b one skipped", "b two skipped"]);
});

test("an expected failure neither ends the run with --fail-fast, nor is tried again", async () => {
  const told: string[] = [];
  let runs = 0;
  const result = await runFake(
    ({ command }) => {
      runs += 1;
      return { kind: "exited", status: String(command) === "one" ? 1 : 0 };
    },
    {
      onFailure: "stop",
      attempts: { repeat: 1, until: "count", retry: 2 },
      judge: judgeBy({ file: "known", lines: [{ line: 1, pattern: "one", reason: "x", until: null }] }),
      onEvent: (event) => void (event.kind === "ended" && told.push(cellVerdict(event.cell.end))),
    },
  );
  expect(kinds(result)).toEqual(["a one xfail", "a two passed", "b one xfail", "b two passed"]);
  expect(told.toSorted()).toEqual(["passed", "passed", "xfail", "xfail"]);
  expect([runs, matrixExitCode(result)]).toEqual([4, 0]);
});
