import { globalGroup, isGlobal, takeGlobalOptions } from "@vm/command-guide";
import { Help, Option, type HelpConfiguration } from "commander";
import { manner } from "./output.js";

/** What each of them means. */
const meanings: Readonly<Record<string, () => void>> = {
  "--quiet": () => (manner.isQuiet = true),
  "--verbose": () => (manner.isVerbose = true),
  "--no-color": () => (manner.hasColours = false),
};

/** Shows them in the help of all commands. */
export const helpOfAll: HelpConfiguration = {
  visibleOptions(command) {
    const own = new Help().visibleOptions(command);
    const known = new Set(own.map(({ long }) => long));
    const all = globalGroup.options
      .map(([flags, about]) => new Option(flags, about).helpGroup(globalGroup.heading))
      .filter(({ long }) => !known.has(long));
    return [...own, ...all];
  },
};

/** Says that these were given. */
export function heed(words: readonly string[]): void {
  for (const word of words) meanings[word]?.();
}

/** Heeds the global options of a command line, and gives the words that are the command's own. */
export async function heedAmong(words: readonly string[]): Promise<readonly string[]> {
  if (!words.some(isGlobal)) return words;
  const { describeProgram } = await import("./all-commands.js");
  const { taken, rest } = takeGlobalOptions(describeProgram(), words);
  heed(taken);
  return rest;
}
