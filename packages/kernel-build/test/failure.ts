/** The error of a call that must fail, as a person would read it. */
export function failure(action: () => unknown): { code: string; message: string; hint: string } {
  try {
    action();
  } catch (error) {
    const { code, hint }: { code?: unknown; hint?: unknown } = Object(error);
    return { code: String(code), message: String(error), hint: String(hint) };
  }
  throw new Error("nothing was thrown");
}

/** The same of a promise. */
export async function rejection(promise: Promise<unknown>): Promise<ReturnType<typeof failure>> {
  try {
    await promise;
  } catch (error) {
    return failure(() => {
      throw error;
    });
  }
  throw new Error("nothing was thrown");
}
