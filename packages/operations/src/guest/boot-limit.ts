import type { ResolvedAccelerator } from "@vm/guest-run";
import type { CommandSettings } from "../request/request.js";

/**
 * How long a guest may take to begin its command when nobody says it: many times what a kernel with all its checks switched on
 * takes. It is there for what never says a word, such as an image that is no kernel.
 */
const usualMs = { kvm: 300_000, emulated: 900_000 } as const;

/** The time that a guest has to begin its command, in milliseconds: the one of the request, or what is usual. Undefined: no limit. */
export function bootLimitMs(
  wanted: CommandSettings["bootTimeoutMs"],
  { accelerator }: Pick<ResolvedAccelerator, "accelerator"> = { accelerator: "tcg" },
): number | undefined {
  if (wanted === "none") return undefined;
  if (typeof wanted === "number") return wanted;
  return accelerator === "kvm" ? usualMs.kvm : usualMs.emulated;
}
