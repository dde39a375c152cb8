import fs from "node:fs";
import type { CodedError } from "./coded-error.js";
import { doFileStep } from "./file-step.js";
import { tellWhileLong } from "./long-work.js";
import type { Plan, Step } from "./plan.js";
import { checkPlan } from "./plan-check.js";
import { openInput, type ProgramEnd, runProgram, signalExitCode } from "./program.js";
import { describeProgramEnd, describeSystemError } from "./step-failure.js";
import { removeTree } from "./tree-removal.js";
import {
  changeDirectory,
  openWorkingDirectory,
  programEnvironment,
  type WorkingDirectory,
} from "./working-directory.js";

type ProgramStep = Extract<Step, { readonly kind: "run" | "exec" }>;

/** A standard stream of the programs: this process's own, nothing, or an open file descriptor. */
export type StandardStream = "inherit" | "ignore" | number;

/** Where the last program would run, for who runs it in the place of `execute`. */
export interface ExecContext {
  /** Absolute. */
  readonly cwd: string;
  /** The environment, PWD included. */
  readonly env: NodeJS.ProcessEnv;
}

export interface ExecuteOptions {
  /** Where the plan starts; the process's working directory otherwise. */
  readonly cwd?: string;
  /** The environment of the programs; the process's own otherwise. */
  readonly env?: NodeJS.ProcessEnv;
  /** Standard input, output and error of the programs; inherited otherwise. A `run` step's `input` comes first. */
  readonly stdio?: readonly [StandardStream, StandardStream, StandardStream];
  /** Ends the plan: the program that runs gets SIGTERM, and the failure is `PLAN_INTERRUPTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of a `run` step that takes longer than a second, then, and again every ten seconds. */
  readonly onLong?: (argv: readonly [string, ...string[]], elapsedSeconds: number) => void;
  /** Takes over the `exec` step: gives back its exit code, 128 + N for signal N. */
  readonly onExec?: (argv: readonly [string, ...string[]], context: ExecContext) => Promise<number> | number;
}

/** How a plan ended. */
export interface PlanOutcome {
  /** 0 when all went well; else the program's, or 1 for a step on files. The script of the plan ends with the same. */
  readonly exitCode: number;
  /** Which step ended the plan before its end, and why. A program of an `exec` step that ran is no failure of the plan. */
  readonly failure?: StepFailure;
}

export interface StepFailure {
  readonly step: Step;
  /** From 0. */
  readonly index: number;
  /** `STEP_FAILED`, `PROGRAM_FAILED`, `PROGRAM_NOT_FOUND`, `PROGRAM_NOT_EXECUTABLE` or `PLAN_INTERRUPTED`. */
  readonly error: CodedError;
}

/**
 * Does the plan, step by step, with no shell. It prints nothing by itself, does not change the process's working directory
 * and does not set an exit code. While a program runs, SIGHUP, SIGINT, SIGQUIT and SIGTERM are passed on to it and end the plan after it.
 * Throws `PLAN_INVALID` before anything is done.
 */
export async function execute(plan: Plan, options: ExecuteOptions = {}): Promise<PlanOutcome> {
  checkPlan(plan);
  const atEnd: (() => void)[] = [];
  try {
    return await executeSteps(plan, options, (path) => atEnd.push(() => removeTree(path)));
  } finally {
    for (const remove of atEnd) remove();
  }
}

async function executeSteps(
  plan: Plan,
  options: ExecuteOptions,
  removeAtEnd: (path: string) => void,
): Promise<PlanOutcome> {
  let directory = openWorkingDirectory(options.cwd);
  for (const [index, step] of plan.entries()) {
    const fail = (exitCode: number, error: CodedError): PlanOutcome => ({
      exitCode,
      failure: { step, index, error },
    });
    switch (step.kind) {
      case "comment":
        break;
      case "run":
      case "exec": {
        const end = await watched(step, () => runStep(step, directory, options), options);
        const error = describeProgramEnd(step, end);
        if (error !== null) return fail(planExitCode(end), error);
        if (step.kind === "exec") return { exitCode: end.exitCode };
        break;
      }
      case "remove-at-end":
        removeAtEnd(step.path);
        break;
      case "change-directory":
      case "make-directory":
      case "write-file":
      case "rename":
      case "remove":
        try {
          if (step.kind === "change-directory") directory = changeDirectory(step.path, directory);
          else doFileStep(step, directory);
        } catch (error) {
          return fail(1, describeSystemError(step, error));
        }
        break;
      default:
        step satisfies never;
    }
  }
  return { exitCode: 0 };
}

async function watched(
  { kind, argv }: ProgramStep,
  run: () => Promise<ProgramEnd>,
  { onLong }: ExecuteOptions,
): Promise<ProgramEnd> {
  if (kind === "exec" || onLong === undefined) return run();
  return tellWhileLong((seconds) => onLong(argv, seconds), run);
}

async function runStep(
  step: ProgramStep,
  directory: WorkingDirectory,
  options: ExecuteOptions,
): Promise<ProgramEnd> {
  const context = { cwd: directory.path, env: programEnvironment(directory, options.env ?? process.env) };
  const { signal } = options;
  const [stdin, stdout, stderr] = options.stdio ?? ["inherit", "inherit", "inherit"];
  if (step.kind === "exec") {
    if (options.onExec !== undefined) return { exitCode: await options.onExec(step.argv, context) };
    return runProgram(step.argv, { ...context, signal, stdio: [stdin, stdout, stderr] });
  }
  if (step.input === undefined || step.input.length === 0) {
    return runProgram(step.argv, {
      ...context,
      signal,
      stdio: [step.input === undefined ? stdin : "ignore", stdout, stderr],
    });
  }
  let input: number;
  try {
    input = openInput(step.input);
  } catch (error) {
    return { exitCode: 1, error };
  }
  try {
    return await runProgram(step.argv, { ...context, signal, stdio: [input, stdout, stderr] });
  } finally {
    fs.closeSync(input);
  }
}

/** A program may take a signal calmly and succeed; the plan still stops, and says why. */
function planExitCode({ exitCode, stoppedBy }: ProgramEnd): number {
  return exitCode === 0 && stoppedBy !== undefined ? signalExitCode(stoppedBy) : exitCode;
}
