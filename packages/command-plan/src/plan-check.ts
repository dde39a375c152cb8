import { codedError } from "./coded-error.js";
import type { Plan, Step } from "./plan.js";

/**
 * Throws `PLAN_INVALID` on what no operating system can do or what would be ambiguous, before anything is done: a NUL in a
 * word, an empty path or program, a program that starts with a dash, a mode out of range, an `exec` that is not the last step, a rename onto itself, the
 * recursive removal of `/`, `.` or `..` (which `rm` refuses too). Both readers call it, so they refuse alike.
 */
export function checkPlan(plan: Plan): void {
  const removals = plan.filter(({ kind }) => kind === "remove-at-end").length;
  if (removals > 1 || (removals === 1 && plan.at(-1)?.kind === "exec")) {
    throw codedError(
      "PLAN_INVALID",
      "a plan has at most one remove-at-end, and none when it ends in an exec",
    );
  }
  for (const [index, step] of plan.entries()) {
    const fault =
      faultOf(step) ?? (step.kind === "exec" && index < plan.length - 1 ? "exec has to be last" : null);
    if (fault !== null) {
      throw codedError("PLAN_INVALID", `step ${index + 1} (${step.kind}): ${fault}`);
    }
  }
}

function faultOf(step: Step): string | null {
  switch (step.kind) {
    case "comment":
      return null;
    case "make-directory":
    case "write-file":
      return pathFault(step.path) ?? modeFault(step.mode);
    case "change-directory":
      return pathFault(step.path);
    case "run":
    case "exec":
      return programFault(step.argv[0]) ?? nulFault(step.argv);
    case "rename":
      return (
        pathFault(step.from) ??
        pathFault(step.to) ??
        (step.from === step.to ? "renames a path to itself" : null)
      );
    case "remove":
      return pathFault(step.path) ?? removalFault(step.path);
    case "remove-at-end":
      return (
        pathFault(step.path) ??
        removalFault(step.path) ??
        (step.path.startsWith("/") ? null : "the path is not absolute")
      );
    default:
      return step satisfies never;
  }
}

function programFault(program: string): string | null {
  if (program === "") return "the program has no name";
  // The `exec` of dash and bash would take it for an option, and they agree on no way to tell them.
  return program.startsWith("-") ? `the program starts with a dash: ${program}` : null;
}

function pathFault(path: string): string | null {
  return path === "" ? "the path is empty" : nulFault([path]);
}

function nulFault(words: readonly string[]): string | null {
  return words.some((word) => word.includes("\0"))
    ? "a NUL byte cannot be part of a path or an argument"
    : null;
}

function modeFault(mode: number | undefined): string | null {
  if (mode === undefined || (Number.isInteger(mode) && mode >= 0 && mode <= 0o7777)) return null;
  return `the mode is not within 0 to 07777: ${mode}`;
}

function removalFault(path: string): string | null {
  const name = path.replace(/\/+$/, "").split("/").at(-1) ?? "";
  return name === "" || name === "." || name === ".." ? `refuses to remove ${path}` : null;
}
