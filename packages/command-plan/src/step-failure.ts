import { codedError, type CodedError } from "./coded-error.js";
import type { Step } from "./plan.js";
import { signalExitCode, type ProgramEnd } from "./program.js";

type ProgramStep = Extract<Step, { readonly kind: "run" | "exec" }>;

/** The error of a program that ends the plan, or null where the plan goes on (or has come to its end with `exec`). */
export function describeProgramEnd(step: ProgramStep, end: ProgramEnd): CodedError | null {
  const [program] = step.argv;
  if (end.error !== undefined) {
    const cause = end.error;
    if (end.exitCode === 1) return describeSystemError(step, cause);
    return end.exitCode === 127
      ? codedError("PROGRAM_NOT_FOUND", `program not found: ${program}`, {
          hint: program.includes("/") ? "Check the path." : "Install it, or put its directory in PATH.",
          cause,
        })
      : codedError("PROGRAM_NOT_EXECUTABLE", `cannot start ${program}: ${reasonOf(cause)}`, { cause });
  }
  if (step.kind === "exec") return null;
  if (end.stoppedBy !== undefined) {
    const error = codedError("PLAN_INTERRUPTED", `interrupted by ${end.stoppedBy} while ${program} ran`);
    // Whatever the program made of the signal.
    return Object.assign(error, { exitCode: signalExitCode(end.stoppedBy) });
  }
  if (end.signal !== undefined) return codedError("PROGRAM_FAILED", `${program} was ended by ${end.signal}`);
  if (end.exitCode !== 0)
    return codedError("PROGRAM_FAILED", `${program} failed with exit code ${end.exitCode}`);
  return null;
}

/** The error of a step that a system call refused. */
export function describeSystemError(step: Step, cause: unknown): CodedError {
  return codedError("STEP_FAILED", `cannot ${deedOf(step)}: ${reasonOf(cause)}`, { cause });
}

function deedOf(step: Step): string {
  switch (step.kind) {
    case "make-directory":
      return `make the directory ${step.path}`;
    case "write-file":
      return `write ${step.path}`;
    case "change-directory":
      return `enter ${step.path}`;
    case "rename":
      return `rename ${step.from} to ${step.to}`;
    case "remove":
      return `remove ${step.path}`;
    case "run":
    case "exec":
      return `give ${step.argv[0]} its input`;
    case "comment":
      return "comment";
    case "remove-at-end":
      return `remove ${step.path}`;
    default:
      return step satisfies never;
  }
}

/** Of `EACCES: permission denied, open '/x'` the middle: the rest is said already. */
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return /^(?:spawn )?E[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message;
}
