import type { KernelOptions } from "@vm/kernel-build";
import type { EmbeddedGuest } from "./guest.js";

/** The options of `.config` that decide about it. */
export const RANDOMIZATION_OPTIONS: readonly string[] = ["CONFIG_CMDLINE", "CONFIG_COMPAT_BRK"];

/**
 * What `kernel.randomize_va_space` would be in this guest, where that is certain: then the kernel can be told to come up without
 * (`norandmaps`), and the command gets it back. Null: somebody else has a say in it. Source: mm/memory.c.
 */
export function ownRandomization(
  { init = "script", kernelCmdline = "" }: Pick<EmbeddedGuest, "init" | "kernelCmdline">,
  kernel: KernelOptions | null,
): "1" | "2" | null {
  if (init === "systemd" || kernel === null) return null;
  const parameters = `${kernel["CONFIG_CMDLINE"] ?? ""} ${kernelCmdline}`;
  if (/randmaps|randomize.va.space/.test(parameters)) return null;
  return kernel["CONFIG_COMPAT_BRK"] === "y" ? "1" : "2";
}
