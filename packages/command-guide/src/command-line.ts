import type { CommandDescription } from "./command-description.js";
import type { NamedCommand } from "./command-declaration.js";
import { commandList } from "./command-list.js";
import { awaitsValue } from "./completion/expected-word.js";
import { globalGroup } from "./options/global-options.js";

/** The words of a command line, and what is behind the place where our options end. */
export interface CommandLine {
  readonly words: readonly string[];
  readonly afterDashes?: readonly string[];
}

/**
 * For `vm run` and `vm start`, what follows `--` is QEMU's and no parser of ours sees it, nor what stands behind the guest's name of `vm exec`; elsewhere
 * `--` means what it always means.
 */
export function splitAtDashes(argv: readonly string[]): CommandLine {
  const commands: readonly NamedCommand[] = commandList;
  const owner = commands.find(({ name }) => name === argv[0])?.rest;
  if (owner === "program") {
    const name = argv.findIndex((word, at) => at > 0 && !word.startsWith("-"));
    const behind = name === -1 ? argv.length : name + 1;
    const rest = argv.slice(behind);
    return { words: argv.slice(0, behind), afterDashes: rest[0] === "--" ? rest.slice(1) : rest };
  }
  const dashes = owner === "qemu" ? argv.indexOf("--") : -1;
  if (dashes === -1) return { words: argv };
  return { words: argv.slice(0, dashes), afterDashes: argv.slice(dashes + 1) };
}

/** The global options that stand before the command's name, and the words behind them. */
export function splitLeading(argv: readonly string[]): {
  readonly leading: readonly string[];
  readonly rest: readonly string[];
} {
  const end = argv.findIndex((word) => !isGlobal(word));
  const at = end === -1 ? argv.length : end;
  return { leading: argv.slice(0, at), rest: argv.slice(at) };
}

/**
 * The global options among the words of a command line, and the other words. What is the value of an option before it is none, and one that the
 * command has under the same name stays, too: it means more there.
 */
export function takeGlobalOptions(
  program: CommandDescription,
  words: readonly string[],
): { readonly taken: readonly string[]; readonly rest: readonly string[] } {
  let command = program;
  let isValue = false;
  let isPastDashes = false;
  const taken: string[] = [];
  const rest = words.filter((word) => {
    if (isValue || isPastDashes) {
      isValue = false;
      return true;
    }
    if (word === "--") isPastDashes = true;
    else if (!word.startsWith("-"))
      command = command.commands.find((each) => each.name === word || each.aliases.includes(word)) ?? command;
    else isValue = awaitsValue(command, word)?.isCertain === true;
    if (!isGlobal(word)) return true;
    taken.push(word);
    return command.options.some(({ long, group }) => long === word && group !== globalGroup.heading);
  });
  return { taken, rest };
}

/** Whether a word may be a global option. */
export function isGlobal(word: string): boolean {
  return globalGroup.options.some(([flags]) => flags === word);
}
