import type { CommandResult, Outcome } from "@vm/guest-run";
import type { FailureReport } from "@vm/operations";
import { noOutput, type CapturedOutput } from "../src/capture.js";
import type { CellEnd, CellResult, MatrixResult } from "../src/result.js";

/** Results that no guest was started for: what reports are rendered from in tests. */

export const startedAt = new Date("2026-01-02T03:04:05.678Z");

function output(text: string | Uint8Array): CapturedOutput {
  return { ...noOutput, head: Buffer.from(text) };
}

export function commandResult(outcome: Outcome, more: Partial<CommandResult> = {}): CommandResult {
  return {
    outcome,
    complaints: [],
    complaintLines: [],
    droppedComplaints: 0,
    closedOutputs: [],
    dump: null,
    release: "6.1.170",
    durations: {
      firstConsoleByteMs: 400,
      initMs: 1500,
      commandMs: 2000,
      statusMs: 2500,
      totalMs: 2600,
    },
    consoleTail: ["[    0.000000] Linux version 6.1.170", "[    1.900000] Run /init as init process"],
    argv: ["/usr/bin/qemu-system-x86_64", "-m", "1G"],
    qemuStderr: "",
    command: Buffer.from("true"),
    ...more,
  };
}

export function ran(
  outcome: Outcome,
  {
    stdout = "",
    stderr = "",
    failure = null,
    ...more
  }: Partial<CommandResult> & {
    readonly stdout?: string | Uint8Array;
    readonly stderr?: string | Uint8Array;
    readonly failure?: FailureReport | null;
  } = {},
): CellEnd {
  const result = commandResult(outcome, more);
  return {
    kind: "ran",
    startedAt,
    result,
    stdout: output(stdout),
    stderr: output(stderr),
    failure,
    console: output(result.consoleTail.map((line) => `${line}\r\n`).join("")),
  };
}

/** What there is to say of a run in which the kernel oopsed. */
export const oopsFailure: FailureReport = {
  reports: [
    {
      kind: "oops",
      headline: "BUG: kernel NULL pointer dereference, address: 0000000000000008",
      panic: null,
      droppedLines: 0,
      at: 1,
      place: frame([{ function: "read_nowhere", file: "/home/me/hello/hello.c", line: 31 }]),
      lines: [
        reportLine("BUG: kernel NULL pointer dereference, address: 0000000000000008", "text"),
        {
          ...reportLine("RIP: 0010:read_nowhere+0xc/0x14 [hello]", "frame"),
          frames: [frame([{ function: "read_nowhere", file: "/home/me/hello/hello.c", line: 31 }])],
        },
        reportLine("RAX: 0000000000000000", "registers"),
      ],
    },
  ],
  sources: null,
  excerpts: [
    {
      file: "/home/me/hello/hello.c",
      line: 31,
      firstLine: 30,
      lines: ['\tpr_info("about to read from address 8\\n");', "\tREAD_ONCE(*(volatile int *)8);", "}"],
    },
  ],
  problems: [],
  kernel: { release: "7.2.0", commit: "v7.2-3-g0123456789ab-dirty" },
  taint: { before: ["OOT_MODULE"], after: ["OOT_MODULE", "DIE"] },
  cwd: "/home/me",
};

type Report = FailureReport["reports"][number];

function reportLine(text: string, role: Report["lines"][number]["role"]): Report["lines"][number] {
  return { raw: `[    1.000000] ${text}`, text, role, frames: [] };
}

function frame(places: NonNullable<Report["place"]>["places"]): NonNullable<Report["place"]> {
  return {
    symbol: "read_nowhere",
    address: null,
    offset: 12,
    size: 20,
    module: "hello",
    buildId: null,
    points: "instruction",
    isCertain: true,
    places,
  };
}

export const passed: CellEnd = ran({ kind: "exited", status: 0 }, { stdout: "fine\n" });

/** A matrix whose kernels, tests and ends are given as a table. */
export function matrix(rows: {
  readonly [kernel: string]: { readonly [test: string]: CellEnd };
}): MatrixResult {
  const tests = [...new Set(Object.values(rows).flatMap((row) => Object.keys(row)))];
  const cells = Object.entries(rows).flatMap(([kernel, row]) =>
    Object.entries(row).map(([test, end]): CellResult => ({ kernel, test, end })),
  );
  return {
    startedAt,
    durationMs: 12_345,
    jobs: 2,
    kernels: Object.keys(rows).map((name) => ({
      name,
      given: `~/builds/${name}`,
      release: "6.1.170",
      tree: `/home/me/builds/${name}`,
      image: `/home/me/builds/${name}/arch/x86/boot/bzImage`,
      warnings: [],
    })),
    tests: tests.map((name) => ({ name, command: Buffer.from(name), file: null })),
    cells,
    stoppedBy: null,
  };
}

/** One of everything that can happen. */
export function everyEnd(): MatrixResult {
  const panic = "Kernel panic - not syncing: Fatal exception";
  return matrix({
    "linux-6.1": {
      "uname -r": passed,
      "./check.sh": ran({ kind: "exited", status: 3 }, { stderr: "3 of 40 checks failed\n" }),
      "kill -9 $$": ran({ kind: "signalled", signal: 9, name: "SIGKILL" }),
      reboot: ran({
        kind: "lost",
        reason: "The guest powered off before the command answered.",
        by: "guest",
      }),
      hang: ran({ kind: "timed-out", reason: "The command had not ended after 10 s.", phase: "command" }),
    },
    "linux-next": {
      "uname -r": ran(
        { kind: "panicked", reason: panic },
        {
          complaints: [{ kind: "panic", line: panic }],
          consoleTail: [`[    1.234567] ${panic}`, "CPU: 0 PID: 1"],
        },
      ),
      "./check.sh": ran(
        { kind: "oopsed", reason: "WARNING: CPU: 0 PID: 1 at x.c:1", complaint: "warn", status: 0 },
        { complaints: [{ kind: "warn", line: "WARNING: CPU: 0 PID: 1 at x.c:1" }] },
      ),
      "kill -9 $$": ran({ kind: "hung", reason: "watchdog: BUG: soft lockup - CPU#0 stuck for 26s!" }),
      reboot: ran({ kind: "lost", reason: "QEMU was killed by SIGKILL.", by: "qemu" }),
      hang: { kind: "skipped", reason: "an earlier cell failed (--fail-fast)" },
    },
    tiny: Object.fromEntries(
      ["uname -r", "./check.sh", "kill -9 $$", "reboot", "hang"].map((test) => [
        test,
        {
          kind: "unusable",
          problem: { code: "KERNEL_NOT_BUILT", message: "~/builds/tiny has no image", hint: "Run make." },
        },
      ]),
    ),
  });
}
