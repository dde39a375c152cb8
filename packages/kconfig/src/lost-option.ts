import type { ConfigValues } from "./config-text.js";
import { sameValue } from "./config-text.js";
import type { WantedOption } from "./fragment.js";

/** An option that a configuration does not have as a fragment wants it. */
export interface LostOption extends WantedOption {
  /** What the configuration has; `n` where it has nothing. */
  readonly found: string;
}

/** The required options of `wanted` that `config` does not have as wanted, in their order. */
export function lostOptions(wanted: readonly WantedOption[], config: ConfigValues): LostOption[] {
  return wanted.flatMap((want) => {
    const found = config.get(want.option) ?? "n";
    if (want.strength === "if-possible" || sameValue(want.value, found)) return [];
    return [{ ...want, found }];
  });
}
