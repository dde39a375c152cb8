import { outputClosed, writeNotice } from "./output.js";
import { printable } from "./printable.js";

/** Exit codes of the tool itself; docs/exit-codes.md has them all. */
const exitCodes = { failure: 1, usage: 2, outputClosed: 141 } as const;

/** What packages throw for an argument that is malformed: wrong usage, wherever it is found out. */
const malformedArguments: readonly (string | undefined)[] = [
  "BAD_ACCELERATOR",
  "CPUS_INVALID",
  "EXPOSE_MEANINGLESS",
  "INSTALL_OPTION_INVALID",
  "MEMORY_INVALID",
  "MIRROR_INVALID",
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

function sentence({ message, code, path, syscall }: Failure): string {
  if (syscall === "uv_cwd") return "the directory that you stand in is gone";
  const meaning = code === undefined ? undefined : systemErrors[code];
  return meaning !== undefined && path !== undefined ? `${path}: ${meaning}` : message;
}

/**
 * Prints what went wrong and what to do next, without a stack trace, and returns the exit code for it.
 * `VM_DEBUG=1` adds the stack.
 */
export function reportFailure(error: unknown, env: Readonly<Record<string, string | undefined>>): number {
  const failure: Failure = error instanceof Error ? error : { message: String(error) };
  const { code, hint, exitCode, stack } = failure;
  if (code === outputClosed) return exitCodes.outputClosed;
  // commander has printed its own message, or the help that was asked for.
  if (code?.startsWith("commander.") === true) return exitCode === 0 ? 0 : exitCodes.usage;
  writeNotice(printable(sentence(failure)));
  if (hint !== undefined) writeNotice(`  ${printable(hint)}`);
  if (env["VM_DEBUG"] && stack !== undefined) writeNotice(stack);
  if (code === "USAGE") return exitCodes.usage;
  return exitCode ?? (malformedArguments.includes(code) ? exitCodes.usage : exitCodes.failure);
}
