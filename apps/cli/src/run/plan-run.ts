import { execute, toScript, type Plan } from "@vm/command-plan";
import type { DryRun } from "@vm/command-requests";
import { runInTerminal } from "@vm/terminal";
import type { CommandContext } from "../command-module.js";
import { writeOutput } from "../output.js";

/** Carries out a plan, whose last step may be a program on this terminal; with `--dry-run` prints its script. Gives that program's exit code. */
export async function runPlan(
  plan: Plan,
  { dryRun }: DryRun,
  { cwd }: CommandContext,
): Promise<number | undefined> {
  if (dryRun === true) {
    writeOutput(toScript(plan));
    return undefined;
  }
  const { exitCode, failure } = await execute(plan, { cwd, onExec: runInTerminal });
  if (failure !== undefined) throw failure.error;
  return exitCode;
}
