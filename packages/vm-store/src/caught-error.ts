/** What is worth knowing of a caught value of any kind. */
export interface CaughtError {
  /** `ENOENT`; absent where it was no system call's error, or has no code. */
  readonly code?: string;
  /** `open`; only a failed system call has it. */
  readonly syscall?: string;
  readonly message: string;
  /** What one of our own errors says to do next. */
  readonly hint?: string;
}

export function readCaught(error: unknown): CaughtError {
  if (!(error instanceof Error)) return { message: String(error) };
  const text = (key: "code" | "syscall" | "hint"): Partial<CaughtError> => {
    const value: unknown = Reflect.get(error, key);
    return typeof value === "string" ? { [key]: value } : {};
  };
  return { ...text("code"), ...text("syscall"), ...text("hint"), message: error.message };
}
