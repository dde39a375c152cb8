import { runCommand, type CommandControl, type EmbeddedGuest, type RunCommand } from "@vm/guest-run";
import { cellOutputs } from "./cell-outputs.js";
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
  /** The words that run a cell alone. @param kernel as the person typed it */
  readonly again?: (kernel: string, test: TestColumn) => readonly string[];
  readonly command: Pick<
    RunCommand,
    "bootTimeoutMs" | "cwd" | "env" | "environment" | "failOn" | "timeoutMs" | "user"
  >;
}

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
  const { stdout, stderr, console, end } = cellOutputs(test);
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
        stdout,
        stderr,
      },
      console,
      onStart,
    });
    return {
      kind: "ran",
      startedAt,
      result,
      ...end(result.outcome.kind === "exited" ? "whole" : "cut"),
      failure: await kernel.explain(result),
      ...(again === undefined ? {} : { again: again(kernel.row.given, test) }),
    };
  } catch (error) {
    return { kind: "broken", problem: problemOf(error) };
  }
}
