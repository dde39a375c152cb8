import type { ConfigValues } from "./config-text.js";
import { sameValue } from "./config-text.js";
import type { WantedOption } from "./fragment.js";

/** An option that a configuration does not have as a fragment wants it. */
export interface LostOption extends WantedOption {
  /** What the configuration has; `n` where it has nothing. */
  readonly found: string;
}

/**
 * Whether an option is there all the same, if not in the form that was wanted: as a module where it was to be built in, or the
 * other way round.
 */
export function isThereOtherwise({ value, found }: Pick<LostOption, "value" | "found">): boolean {
  return (value === "y" && found === "m") || (value === "m" && found === "y");
}

/** The required options of `wanted` that `config` does not have as wanted, in their order. */
export function lostOptions(wanted: readonly WantedOption[], config: ConfigValues): LostOption[] {
  return wanted.flatMap((want) => {
    const found = config.get(want.option) ?? "n";
    if (want.strength === "if-possible" || sameValue(want.value, found)) return [];
    return [{ ...want, found }];
  });
}
