import { runCommand, type CommandControl, type EmbeddedGuest, type RunCommand } from "@vm/guest-run";
import { capture, type CaptureLimits } from "./capture.js";
import type { PreparedKernel } from "./prepare-kernel.js";
import { problemOf, type CellEnd, type TestColumn } from "./result.js";

/** A kernel with a test: what one guest is started for. */
export interface Cell {
  readonly kernel: PreparedKernel;
  readonly test: TestColumn;
}

/** What all guests of a matrix have in common. */
export interface CellSettings {
  readonly guest: Omit<EmbeddedGuest, "kernel" | "kind">;
  readonly command: Pick<
    RunCommand,
    "bootTimeoutMs" | "cwd" | "env" | "environment" | "failOn" | "timeoutMs" | "user"
  >;
}

/** What is kept of each stream of a cell. */
const OUTPUT_LIMITS: CaptureLimits = { headBytes: 16 * 1024, tailBytes: 48 * 1024 };
const CONSOLE_LIMITS: CaptureLimits = { headBytes: 32 * 1024, tailBytes: 96 * 1024 };

/**
 * Runs a cell in a guest of its own, with no input. Never rejects.
 *
 * @param onStart gets what stops the guest
 * @param run what runs a command: guest-run's `runCommand`
 */
export async function runCell(
  { kernel, test }: Cell,
  { guest, command }: CellSettings,
  { onStart, run = runCommand }: { onStart: (control: CommandControl) => void; run?: typeof runCommand },
): Promise<CellEnd> {
  if (kernel.kind === "unusable") return { kind: "unusable", problem: kernel.problem };
  const startedAt = new Date();
  const stdout = capture(OUTPUT_LIMITS);
  const stderr = capture(OUTPUT_LIMITS);
  const console = capture(CONSOLE_LIMITS);
  try {
    const result = await run({
      ...command,
      guest: {
        ...guest,
        kind: "embedded",
        kernel: kernel.kernel,
        ...(kernel.share === undefined ? {} : { share: kernel.share }),
      },
      qemu: kernel.qemu,
      acceleratorOptions: kernel.accelerator.options,
      command: test.command,
      streams: { kind: "pipes", stdin: "none", stdout: stdout.stream, stderr: stderr.stream },
      console: console.stream,
      onStart,
    });
    return {
      kind: "ran",
      startedAt,
      result,
      stdout: stdout.output(),
      stderr: stderr.output(),
      console: console.output(),
      failure: await kernel.explain(result),
    };
  } catch (error) {
    return { kind: "broken", problem: problemOf(error) };
  }
}
