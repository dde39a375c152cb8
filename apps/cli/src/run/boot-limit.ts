import type { ResolvedAccelerator } from "@vm/guest-run";
import { parseDuration } from "./command-request.js";

/**
 * How long a guest may take to begin its command when nobody says it: many times what a kernel with all its checks switched on
 * takes. It is there for what never says a word, such as an image that is no kernel.
 */
const usualMs = { kvm: 300_000, emulated: 900_000 } as const;

/** `--boot-timeout`, in milliseconds: a time, `none`, or what is usual. Undefined: no limit. */
export function bootLimitMs(
  text: string | undefined,
  { accelerator }: Pick<ResolvedAccelerator, "accelerator"> = { accelerator: "tcg" },
): number | undefined {
  if (text === "none") return undefined;
  if (text !== undefined) return parseDuration(text, "--boot-timeout");
  return accelerator === "kvm" ? usualMs.kvm : usualMs.emulated;
}
