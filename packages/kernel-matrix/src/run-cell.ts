import { runCommand, type CommandControl, type EmbeddedGuest, type RunCommand } from "@vm/guest-run";
import { ktapParser } from "@vm/ktap";
import { capture, type CaptureLimits } from "./capture.js";
import type { PreparedKernel } from "./prepare-kernel.js";
import { alsoTo } from "./result-stream.js";
import { problemOf, type CellEnd, type ResultSource, type TestColumn } from "./result.js";

/** A kernel with a test: what one guest is started for. */
export interface Cell {
  readonly kernel: PreparedKernel;
  readonly test: TestColumn;
}

/** What all guests of a matrix have in common. */
export interface CellSettings {
  readonly guest: Omit<EmbeddedGuest, "kernel" | "kind">;
  /** The words that run a cell alone. @param kernel as the person typed it */
  readonly again?: (kernel: string, test: TestColumn) => readonly string[];
  readonly command: Pick<
    RunCommand,
    "bootTimeoutMs" | "cwd" | "env" | "environment" | "failOn" | "timeoutMs" | "user"
  >;
}

/** What is kept of each stream of a cell. */
const OUTPUT_LIMITS: CaptureLimits = { headBytes: 16 * 1024, tailBytes: 48 * 1024 };
const RECOGNISED: ResultSource = { from: "stdout", header: "recognised" };

const LACKS = {
  stdout: "its output has no results in KTAP or TAP",
  console: "the kernel's console has no results of KUnit: it needs CONFIG_KUNIT, and tests that match",
} as const;

const CONSOLE_LIMITS: CaptureLimits = { headBytes: 32 * 1024, tailBytes: 96 * 1024 };

/**
 * Runs a cell in a guest of its own, with no input. Never rejects.
 *
 * @param onStart gets what stops the guest
 * @param run what runs a command: guest-run's `runCommand`
 */
export async function runCell(
  { kernel, test }: Cell,
  { guest, command, again }: CellSettings,
  { onStart, run = runCommand }: { onStart: (control: CommandControl) => void; run?: typeof runCommand },
): Promise<CellEnd> {
  if (kernel.kind === "unusable") return { kind: "unusable", problem: kernel.problem };
  const startedAt = new Date();
  const stdout = capture(OUTPUT_LIMITS);
  const stderr = capture(OUTPUT_LIMITS);
  const console = capture(CONSOLE_LIMITS);
  const { from, header } = test.results ?? RECOGNISED;
  const parser = ktapParser({ header: header === "wanted" && from === "stdout" ? "optional" : "required" });
  const parameters = [
    ...(guest.kernelCmdline === "" ? [] : [guest.kernelCmdline]),
    ...(test.parameters ?? []),
  ];
  try {
    const result = await run({
      ...command,
      guest: {
        ...guest,
        kernelCmdline: parameters.join(" "),
        kind: "embedded",
        kernel: kernel.kernel,
        ...(kernel.share === undefined ? {} : { share: kernel.share }),
      },
      qemu: kernel.qemu,
      acceleratorOptions: kernel.accelerator.options,
      command: test.command,
      streams: {
        kind: "pipes",
        stdin: "none",
        stdout: from === "stdout" ? alsoTo(parser, stdout.stream) : stdout.stream,
        stderr: stderr.stream,
      },
      console: from === "console" ? alsoTo(parser, console.stream) : console.stream,
      onStart,
    });
    const subtests = parser.end(result.outcome.kind === "exited" ? "whole" : "cut");
    return {
      kind: "ran",
      startedAt,
      result,
      stdout: stdout.output(),
      stderr: stderr.output(),
      console: console.output(),
      failure: await kernel.explain(result),
      ...(subtests === null ? {} : { subtests }),
      ...(subtests === null && header === "wanted" ? { lacks: LACKS[from] } : {}),
      ...(again === undefined ? {} : { again: again(kernel.row.given, test) }),
    };
  } catch (error) {
    return { kind: "broken", problem: problemOf(error) };
  }
}
