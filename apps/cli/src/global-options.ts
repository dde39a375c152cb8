import { Help, Option, type Command, type HelpConfiguration } from "commander";
import { manner } from "./output.js";

/** What every command takes, before its name or behind it. */
const globalOptions: readonly {
  readonly long: string;
  readonly about: string;
  readonly mean: () => void;
}[] = [
  {
    long: "--quiet",
    about: "neither progress nor remarks on standard error: warnings and errors alone",
    mean: () => (manner.isQuiet = true),
  },
  {
    long: "--verbose",
    about: "print each program that was started, and its time, on standard error",
    mean: () => (manner.isVerbose = true),
  },
  {
    long: "--no-color",
    about: "no colours, also on a terminal (so does NO_COLOR in the environment)",
    mean: () => (manner.hasColours = false),
  },
];

/** Shows them in the help of all commands, and to all that asks for it: completion and manual pages. */
export const helpOfAll: HelpConfiguration = {
  visibleOptions(command) {
    const own = new Help().visibleOptions(command);
    const known = new Set(own.map(({ long }) => long));
    const all = globalOptions
      .filter(({ long }) => !known.has(long))
      .map(({ long, about }) => new Option(long, about).helpGroup("Every command:"));
    return [...own, ...all];
  },
};

/** The global options that stand before the command's name, and the words behind them. */
export function splitLeading(argv: readonly string[]): {
  readonly leading: readonly string[];
  readonly rest: readonly string[];
} {
  const end = argv.findIndex((word) => !isGlobal(word));
  const at = end === -1 ? argv.length : end;
  return { leading: argv.slice(0, at), rest: argv.slice(at) };
}

/** Says that these were given. */
export function heed(words: readonly string[]): void {
  for (const { long, mean } of globalOptions) if (words.includes(long)) mean();
}

/**
 * Takes the global options out of a command line, and heeds them. What is the value of an option before it stays, and so does one that the
 * command has under the same name: it means more there.
 */
export async function takeGlobalOptions(
  program: Command,
  words: readonly string[],
): Promise<readonly string[]> {
  if (!words.some(isGlobal)) return words;
  const { awaitsValue } = await import("@vm/command-guide");
  const { namedOption } = await import("./command-description.js");
  let command = program;
  let isValue = false;
  let isPastDashes = false;
  return words.filter((word) => {
    if (isValue || isPastDashes) {
      isValue = false;
      return true;
    }
    if (word === "--") isPastDashes = true;
    else if (!word.startsWith("-"))
      command =
        command.commands.find((each) => each.name() === word || each.aliases().includes(word)) ?? command;
    else isValue = awaitsValue({ options: command.options.map(namedOption) }, word)?.isCertain === true;
    if (!isGlobal(word)) return true;
    heed([word]);
    return command.options.some(({ long, negate }) => long === word && !negate);
  });
}

function isGlobal(word: string): boolean {
  return globalOptions.some(({ long }) => long === word);
}
