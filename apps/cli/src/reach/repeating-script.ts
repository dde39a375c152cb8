import { toScript } from "@vm/command-plan";
import { ownBin } from "../own-bin.js";

/** The script of what this very `vm` alone can do: which guest runs, and how it is reached, is known only then. */
export function repeatingScript(words: readonly string[]): string {
  return toScript([{ kind: "exec", argv: [...ownBin(), ...words] }]);
}
