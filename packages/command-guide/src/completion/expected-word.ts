import type {
  ArgumentDescription as Argument,
  CommandDescription as Command,
  OptionDescription as Option,
} from "../command-description.js";

/** What has to be known of an option to find its value. */
type NamedOption = Pick<Option, "long" | "short" | "value">;

/** What the word at the cursor may be. */
export interface ExpectedWord {
  /** The command that the words before it lead to. */
  readonly command: Command;
  /** The arguments before it. */
  readonly given: readonly string[];
  /** It may be one of these: subcommands, the value of an option, an option, an argument. */
  readonly subcommands: readonly Command[];
  readonly value?: { readonly of: Option; readonly prefix: string };
  readonly options: readonly Option[];
  readonly argument?: Argument;
  /** It is for QEMU, or for a program in the guest. */
  readonly foreign?: "program" | "qemu";
}

/** Reads words as the parser of the command line does. @param words those of `command` before the cursor @param current what stands before the cursor of the word at it */
export function expectedWord(command: Command, words: readonly string[], current: string): ExpectedWord {
  const owner = command.rest;
  const given: string[] = [];
  let pending: { readonly option: Option; readonly isCertain: boolean } | undefined;
  let isPastDashes = false;
  for (const [index, word] of words.entries()) {
    const isOption = !isPastDashes && word.length > 1 && word.startsWith("-");
    if (pending !== undefined && (pending.isCertain || !isOption)) {
      // A variadic option takes all words up to the next option.
      pending = pending.option.isVariadic ? { option: pending.option, isCertain: false } : undefined;
      continue;
    }
    pending = undefined;
    if (word === "--" && !isPastDashes) {
      if (owner === "qemu") return foreign(command, "qemu");
      isPastDashes = true;
    } else if (isOption) {
      pending = awaitsValue(command, word);
    } else {
      const below = given.length === 0 ? findCommand(command, word) : undefined;
      if (below !== undefined) return expectedWord(below, words.slice(index + 1), current);
      given.push(word);
      if (owner === "program") return foreign(command, "program");
    }
  }
  const nothing = { command, given, subcommands: [], options: [] };
  if (pending?.isCertain === true) return { ...nothing, value: { of: pending.option, prefix: "" } };
  const looksLikeOption = !isPastDashes && current.startsWith("-");
  if (looksLikeOption) {
    const attached = attachedValue(command, current);
    return attached === undefined
      ? { ...nothing, options: visibleOptions(command) }
      : { ...nothing, value: attached };
  }
  const value = pending === undefined ? {} : { value: { of: pending.option, prefix: "" } };
  const argument = argumentAt(command, given.length);
  return {
    ...nothing,
    ...value,
    subcommands: given.length === 0 ? command.commands : [],
    options: isPastDashes || current !== "" ? [] : visibleOptions(command),
    ...(argument === undefined ? {} : { argument }),
  };
}

function foreign(command: Command, owner: "program" | "qemu"): ExpectedWord {
  return { command, given: [], subcommands: [], options: [], foreign: owner };
}

function findCommand(command: Command, word: string): Command | undefined {
  return command.commands.find((each) => each.name === word || each.aliases.includes(word));
}

/** The last argument may be many words. */
function argumentAt(command: Command, index: number): Argument | undefined {
  const { arguments: all } = command;
  const last = all.at(-1);
  return all[index] ?? (last?.isVariadic === true ? last : undefined);
}

function visibleOptions(command: Command): readonly Option[] {
  return command.options.filter(({ isHidden }) => !isHidden);
}

/** The option whose value is the next word. `isCertain`: whatever it looks like. */
export function awaitsValue<Known extends NamedOption>(
  command: { readonly options: readonly Known[] },
  word: string,
): { readonly option: Known; readonly isCertain: boolean } | undefined {
  if (word.startsWith("--")) {
    const option = word.includes("=") ? undefined : command.options.find(({ long }) => long === word);
    return option === undefined || !takesValue(option)
      ? undefined
      : { option, isCertain: option.value === "required" };
  }
  const { option, value } = readShort(command, word);
  if (option === undefined || !takesValue(option) || value !== "") return undefined;
  return { option, isCertain: option.value === "required" };
}

/** `--root=/s`, `-k./l`: the option, and all that stands before its value. */
function attachedValue(command: Command, word: string): ExpectedWord["value"] {
  if (word.startsWith("--")) {
    const equals = word.indexOf("=");
    const option = command.options.find(({ long }) => long === word.slice(0, equals));
    if (equals === -1 || option === undefined || !takesValue(option)) return undefined;
    return { of: option, prefix: word.slice(0, equals + 1) };
  }
  const { option, value } = readShort(command, word);
  if (option === undefined || !takesValue(option) || value === "") return undefined;
  return { of: option, prefix: word.slice(0, word.length - value.length) };
}

function takesValue(option: NamedOption): boolean {
  return option.value !== "none";
}

/** `-nk.`: the last option of several in one word, and the value behind it. */
function readShort<Known extends NamedOption>(
  command: { readonly options: readonly Known[] },
  word: string,
): { readonly option?: Known; readonly value: string } {
  for (let at = 1; at < word.length; at += 1) {
    const option = command.options.find(({ short }) => short === `-${word[at]}`);
    if (option === undefined) return { value: "" };
    if (takesValue(option) || at === word.length - 1) return { option, value: word.slice(at + 1) };
  }
  return { value: "" };
}
