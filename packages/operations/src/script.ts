import { errorCode, toScript } from "@vm/command-plan";
import type { Host } from "./host.js";

/**
 * A script; where it cannot be written, because a package is not unpacked or a revision not built, the command itself, which does both.
 * Rejects with every other error.
 */
export async function scriptOrRepeat(script: () => Promise<string>, { repeat }: Host): Promise<string> {
  try {
    return await script();
  } catch (error) {
    const code = errorCode(error);
    if (code !== "KERNEL_NOT_PREPARED") throw error;
    return toScript([
      {
        kind: "comment",
        text: "What it will be is known only after the kernel was unpacked or built: the command does both.",
      },
      ...repeat(),
    ]);
  }
}
