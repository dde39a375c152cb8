import type { Command, Option } from "commander";
import type { CommandDescription, OptionDescription } from "@vm/command-guide";

/** What commander itself has of a command, and of all below it. */
export function describedByCommander(command: Command, parents: readonly string[] = []): CommandDescription {
  const names = command.parent === null ? [] : [...parents, command.name()];
  const help = command.createHelp();
  const visible = help.visibleOptions(command);
  const describe = (option: Option): OptionDescription => ({
    ...namedOption(option),
    term: help.optionTerm(option),
    about: option.description,
    detail: help.optionDescription(option),
    group: option.helpGroupHeading ?? "",
    isVariadic: option.variadic,
    ...(option.argChoices === undefined ? {} : { choices: option.argChoices }),
    isHidden: !visible.includes(option),
  });
  return {
    name: command.name(),
    path: names.join(" "),
    aliases: command.aliases(),
    summary: command.summary() || command.description(),
    about: command.description() || command.summary(),
    usage: command.usage(),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      about: argument.description,
      isVariadic: argument.variadic,
      ...(argument.argChoices === undefined ? {} : { choices: argument.argChoices }),
    })),
    options: [...visible, ...command.options.filter((option) => !visible.includes(option))].map(describe),
    commands: command.commands.map((each) => describedByCommander(each, names)),
    notes: notesOf(command),
  };
}

/** Its names and its value. */
function namedOption({
  flags,
  long,
  required,
  short,
}: Option): Pick<OptionDescription, "long" | "placeholder" | "short" | "value"> {
  const placeholder = /[<[]([^\]>.]+)/.exec(flags)?.[1];
  return {
    ...(short === undefined ? {} : { short }),
    ...(long === undefined ? {} : { long }),
    ...(placeholder === undefined
      ? { value: "none" }
      : { value: required ? "required" : "optional", placeholder }),
  };
}

/** What stands behind the options in its help. */
function notesOf(command: Command): string {
  let whole = "";
  command.configureOutput({ writeOut: (more) => void (whole += more) }).outputHelp();
  return whole.slice(command.helpInformation().length);
}
