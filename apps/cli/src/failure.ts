import { findBug, reportBug } from "./bug-report.js";
import { flagOf } from "./field-flags.js";
import { outputClosed, writeNotice } from "./output.js";

/** Exit codes of the tool itself; docs/exit-codes.md has them all. */
const exitCodes = {
  failure: 1,
  usage: 2,
  /** git bisect run: this commit cannot be tested. */
  skipCommit: 125,
  /** Ends a bisection, which must not mark a commit for an error of ours. */
  endBisection: 128,
  outputClosed: 141,
  /** Where 1 may be the command's. */
  failureBesideCommand: 249,
} as const;

/** What packages throw for an argument that is malformed: wrong usage, wherever it is found out. */
const malformedArguments: readonly (string | undefined)[] = [
  "BAD_ACCELERATOR",
  "COMPRESSION_UNSUPPORTED",
  "CPUS_INVALID",
  "EXPOSE_MEANINGLESS",
  "FETCH_NAME_INVALID",
  "INSTALL_OPTION_INVALID",
  "KERNEL_CMDLINE_INVALID",
  "MEMORY_INVALID",
  "MIRROR_INVALID",
  "REQUEST_INVALID",
  "SHARES_CONFLICT",
  "SIZE_INVALID",
  "VM_NAME_INVALID",
];

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

/**
 * Who reads the exit code: a person or a script (`caller`); one that has to tell our own errors from the command's status
 * (`command`); `git bisect run` (`bisection`).
 */
export type ExitReader = "caller" | "command" | "bisection";

/** Kernels that cannot be tested, as `git bisect run` means it: errors of `resolveKernel` and `buildGitRevision`. */
const untestable: readonly (string | undefined)[] = [
  "KERNEL_BUILD_FAILED",
  "KERNEL_NOT_BUILT",
  "KERNEL_NOT_CONFIGURED",
  "NOT_A_KERNEL_BUILD",
  "PACKAGE_PARTS_MISSING",
];

/** The exit code for what was thrown. */
function exitCodeOf({ code, exitCode }: Failure, reader: ExitReader): number {
  if (isCommander(code) && exitCode === 0) return 0;
  const isUsage = isCommander(code) || code === "USAGE" || malformedArguments.includes(code);
  const isClosed = code === outputClosed || code === "EPIPE";
  switch (reader) {
    case "caller":
      if (isUsage) return exitCodes.usage;
      return isClosed ? exitCodes.outputClosed : (exitCode ?? exitCodes.failure);
    case "command":
      if (isUsage) return exitCodes.usage;
      return isClosed ? exitCodes.outputClosed : exitCodes.failureBesideCommand;
    case "bisection":
      return untestable.includes(code) ? exitCodes.skipCommit : exitCodes.endBisection;
    default:
      return reader satisfies never;
  }
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
  const { code, hint, stack } = failure;
  // commander has printed its own message, or the help that was asked for.
  const isTold = isCommander(code) || code === outputClosed || code === "EPIPE";
  try {
    const bug = findBug(error);
    if (bug !== undefined) {
      writeNotice(bug === error ? `internal error: ${bug.message}` : sentence(failure));
      for (const line of reportBug(bug, process.argv.slice(2))) writeNotice(line);
    } else if (!isTold) {
      writeNotice(sentence(failure));
      if (hint !== undefined) writeNotice(`  ${hint}`);
      if (env["VM_DEBUG"] && stack !== undefined) for (const line of stack.split("\n")) writeNotice(line);
    }
  } catch {
    // Standard error takes nothing: the exit code has to say it.
  }
  return exitCodeOf(failure, reader);
}
