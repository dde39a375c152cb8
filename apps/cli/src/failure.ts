import { failureExitCode, nextStep, type ExitReader } from "@vm/operations/failure";
import { findBug, reportBug } from "./bug-report.js";
import { flagOf } from "./field-flags.js";
import { outputClosed, writeNotice } from "./output.js";

/** What errors of Node, of our packages and of commander may carry. */
interface Failure {
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
  readonly path?: string;
  readonly syscall?: string;
  readonly exitCode?: number;
  readonly stack?: string;
  /** Of a `RequestFault`. */
  readonly field?: string;
  readonly problem?: string;
}

const systemErrors: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "disk quota exceeded",
  EMFILE: "too many open files",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on the device",
  ENOTDIR: "a part of the path is not a directory",
  EROFS: "the file system is read-only",
};

function sentence({ message, code, path, syscall, field, problem }: Failure): string {
  if (field !== undefined && problem !== undefined) return `${flagOf(field)}: ${problem}`;
  if (syscall === "uv_cwd") return "the directory that you stand in is gone";
  const meaning = code === undefined ? undefined : systemErrors[code];
  return meaning !== undefined && path !== undefined ? `${path}: ${meaning}` : message;
}

function isCommander(code: string | undefined): boolean {
  return code?.startsWith("commander.") === true;
}

/**
 * Prints what went wrong and what to do next, without a stack trace, and returns the exit code for it. Never throws.
 * `VM_DEBUG=1` adds the stack. Of an error that is a bug it says how to report it.
 */
export function reportFailure(
  error: unknown,
  {
    env,
    reader,
  }: { readonly env: Readonly<Record<string, string | undefined>>; readonly reader: ExitReader },
): number {
  const failure: Failure = error instanceof Error ? error : { message: String(error) };
  const { code, stack } = failure;
  // commander has printed its own message, or the help that was asked for.
  const isTold = isCommander(code) || code === outputClosed || code === "EPIPE";
  try {
    const bug = findBug(error);
    if (bug !== undefined) {
      writeNotice(bug === error ? `internal error: ${bug.message}` : sentence(failure));
      for (const line of reportBug(bug, process.argv.slice(2))) writeNotice(line);
    } else if (!isTold) {
      writeNotice(sentence(failure));
      const next = nextStep(failure);
      if (next !== undefined) writeNotice(`  ${next}`);
      if (env["VM_DEBUG"] && stack !== undefined) for (const line of stack.split("\n")) writeNotice(line);
    }
  } catch {
    // Standard error takes nothing: the exit code has to say it.
  }
  if (!isCommander(code)) return failureExitCode(failure, reader);
  return failure.exitCode === 0 ? 0 : failureExitCode({ code: "USAGE" }, reader);
}
