/** An error for the person at the keyboard: a stable `code` for programs, a sentence, and what to do next. */
export interface CodedError extends Error {
  /** Stable, upper case, for example `VM_EXISTS`. Callers look at this, never at the class. */
  readonly code: string;
  /** The next step, as one sentence; absent where there is nothing useful to say. */
  readonly hint?: string;
}

/** Makes an error that says what failed, on what, what was expected, and (`hint`) what to do next. */
export function codedError(
  code: string,
  message: string,
  { hint, cause }: { readonly hint?: string; readonly cause?: unknown } = {},
): CodedError {
  const error = new Error(message, cause === undefined ? undefined : { cause });
  return Object.assign(error, { code }, hint === undefined ? {} : { hint });
}

/** The `code` of a caught value: one of ours, or of a failed system call (`ENOENT`); undefined where it has none. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
