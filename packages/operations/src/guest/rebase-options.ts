import { existsSync } from "node:fs";
import { rebasePaths, type QemuOption } from "@vm/qemu-argv";

/** The person's own options with their relative paths as from where the person stands: QEMU runs elsewhere. */
export function rebaseOptions(options: readonly QemuOption[], cwd: string): QemuOption[] {
  return rebasePaths(options, cwd, { exists: existsSync });
}
