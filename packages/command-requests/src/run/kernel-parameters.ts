import { parseKernelParameters } from "@vm/qemu-argv";
import { usageError } from "../usage-error.js";

/** Checks what `-a` names, each by itself, before anything is built or read: none may swallow what is put behind it. */
export function checkParameters(append: readonly string[] = []): void {
  for (const text of append) {
    try {
      parseKernelParameters(text);
    } catch (error) {
      const { message, hint }: { message: string; hint?: unknown } =
        error instanceof Error ? error : { message: String(error) };
      throw usageError(`-a: ${message}`, typeof hint === "string" ? hint : undefined);
    }
  }
}
