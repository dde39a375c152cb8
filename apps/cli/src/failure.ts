import { outputClosed, writeNotice } from "./output.js";

/** Exit codes of the tool itself; docs/exit-codes.md has them all. */
export const exitCodes = { failure: 1, usage: 2, outputClosed: 141 } as const;

const systemErrors: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on the device",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of the path is not a directory",
  EMFILE: "too many open files",
  EDQUOT: "disk quota exceeded",
};

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  const meaning = code === undefined ? undefined : systemErrors[code];
  return meaning !== undefined && path !== undefined ? `${path}: ${meaning}` : error.message;
}

/**
 * Prints what went wrong and what to do next, without a stack trace, and returns the exit code for it.
 * `VM_DEBUG=1` adds the stack.
 */
export function reportFailure(error: unknown, env: Readonly<Record<string, string | undefined>>): number {
  const { code, hint, exitCode, stack } = (error ?? {}) as {
    code?: string;
    hint?: string;
    exitCode?: number;
    stack?: string;
  };
  if (code === outputClosed) return exitCodes.outputClosed;
  // commander has printed its own message, or the help that was asked for.
  if (code?.startsWith("commander.") === true) return exitCode === 0 ? 0 : exitCodes.usage;
  writeNotice(sentence(error));
  if (hint !== undefined) writeNotice(`  ${hint}`);
  if (env["VM_DEBUG"] !== undefined && stack !== undefined) writeNotice(stack);
  return code === "USAGE" ? exitCodes.usage : exitCode ?? exitCodes.failure;
}
