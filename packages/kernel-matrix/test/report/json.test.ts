import { expect, test } from "vitest";
import { matrixReport } from "../../src/report/json.js";
import { everyEnd, matrix, ran, startedAt } from "../made-results.js";

test("a cell that ran tells outcome, status, release, durations, warnings, command and argv", () => {
  const report = matrixReport(
    matrix({
      k: {
        t: ran(
          { kind: "oopsed", reason: "WARNING: x", complaint: "warn", status: 0 },
          { complaints: [{ kind: "warn", line: "WARNING: x" }], stdout: "out\n", stderr: "err\n" },
        ),
      },
    }),
  );
  expect(JSON.parse(JSON.stringify(report))).toEqual({
    format: "vm-test",
    version: 1,
    startedAt: startedAt.toISOString(),
    durationMs: 12_345,
    jobs: 2,
    passed: false,
    counts: { passed: 0, flaky: 0, xfail: 0, failed: 1, error: 0, skipped: 0 },
    stoppedBy: null,
    shuffle: null,
    origin: null,
    invocation: null,
    comparison: null,
    expectations: null,
    kernels: [
      {
        name: "k",
        given: "~/builds/k",
        release: "6.1.170",
        tree: "/home/me/builds/k",
        image: "/home/me/builds/k/arch/x86/boot/bzImage",
        warnings: [],
      },
    ],
    tests: [{ name: "t", file: null, command: "t" }],
    cells: [
      {
        kernel: "k",
        test: "t",
        verdict: "failed",
        reason: "warn of the kernel: WARNING: x",
        problem: null,
        origin: null,
        run: {
          version: 1,
          startedAt: startedAt.toISOString(),
          outcome: { kind: "oopsed", reason: "WARNING: x", complaint: "warn", status: 0 },
          status: 0,
          exitCode: 251,
          release: "6.1.170",
          durations: {
            firstConsoleByteMs: 400,
            initMs: 1500,
            commandMs: 2000,
            statusMs: 2500,
            totalMs: 2600,
          },
          complaints: [{ kind: "warn", line: "WARNING: x" }],
          droppedComplaints: 0,
          command: "true",
          argv: ["/usr/bin/qemu-system-x86_64", "-m", "1G"],
          qemuStderr: "",
          stdout: { text: "out\n", droppedBytes: 0 },
          stderr: { text: "err\n", droppedBytes: 0 },
          failure: null,
          subtests: null,
          attempts: null,
          expected: null,
          guest: null,
          taint: null,
          dump: null,
          console: ["[    0.000000] Linux version 6.1.170", "[    1.900000] Run /init as init process"],
        },
      },
    ],
  });
});

test("what was not run has its reason, and the counts add up", () => {
  const { cells, counts } = matrixReport(everyEnd());
  expect(counts).toEqual({ passed: 1, flaky: 0, xfail: 0, failed: 7, error: 6, skipped: 1 });
  expect(cells.find(({ kernel }) => kernel === "tiny")).toMatchObject({
    verdict: "error",
    run: null,
    problem: { code: "KERNEL_NOT_BUILT", hint: "Run make." },
  });
  expect(cells.find(({ verdict }) => verdict === "skipped")).toMatchObject({ run: null, problem: null });
});

test("a command that is no UTF-8 is there byte by byte", () => {
  const command = Buffer.from([0x65, 0xff]);
  const { tests } = matrixReport({ ...matrix({}), tests: [{ name: "t", command, file: "t.sh" }] });
  expect(tests).toEqual([{ name: "t", file: "t.sh", commandBase64: "Zf8=" }]);
});
