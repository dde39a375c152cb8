/** The code of a thrown error; undefined for what is none of ours. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** The code that a call throws; fails when it throws nothing. */
export function thrownBy(call: () => unknown): { code: unknown; message: string; hint: unknown } {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) {
      return { code: codeOf(error), message: error.message, hint: "hint" in error ? error.hint : undefined };
    }
  }
  throw new Error("nothing was thrown");
}
