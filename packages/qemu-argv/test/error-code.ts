/** What a call gave or threw. */
export type Outcome<T> = { readonly value: T } | { readonly code: unknown };

/** Calls, and turns a thrown error into its code; an error that is none of ours has the code undefined. */
export function attempt<T>(call: () => T): Outcome<T> {
  try {
    return { value: call() };
  } catch (error) {
    return { code: error instanceof Error && "code" in error ? error.code : undefined };
  }
}

/** Code, message and hint of the error that a call throws; fails when it throws nothing. */
export function thrownBy(call: () => unknown): { code: unknown; message: string; hint: unknown } {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) {
      const { message, code, hint }: Error & { code?: unknown; hint?: unknown } = error;
      return { code, message, hint };
    }
  }
  throw new Error("nothing was thrown");
}
