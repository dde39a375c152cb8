import { flagSyntax, knownFlags } from "./flag-syntax.js";
import type { QemuOption } from "./option.js";

/** A flag that is in no QEMU this package knows: misspelt, or from a newer QEMU. */
export interface UnknownFlag {
  /** Without dashes. */
  readonly flag: string;
  /** The nearest flag that exists; absent when none is near. */
  readonly suggestion?: string;
}

/** The flags worth a warning: `parseArgv` lets them through because a newer QEMU may have them. */
export function findUnknownFlags(options: readonly QemuOption[]): UnknownFlag[] {
  return options.flatMap((option) => {
    if ("image" in option || flagSyntax(option.flag) !== undefined) return [];
    const suggestion = suggestFlag(option.flag);
    return [suggestion === undefined ? { flag: option.flag } : { flag: option.flag, suggestion }];
  });
}

/** The known flag with the fewest letters to change, at most a third of them. */
export function suggestFlag(flag: string): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.floor(flag.length / 3) + 1;
  for (const known of knownFlags()) {
    const distance = editDistance(flag, known);
    if (distance < bestDistance) {
      best = known;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 0; i < from.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j += 1) {
      const substituted = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
