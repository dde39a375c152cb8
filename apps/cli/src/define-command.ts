import type { CommandDeclaration, DeclaredOption, OptionGroup } from "@vm/command-guide";
import type { Command, Option } from "commander";
import type { CommandContext, CommandModule } from "./command-module.js";

/** What a command does, given its arguments, its options and itself. */
type Action = Parameters<Command["action"]>[0];

/** Makes a command of its declaration and of what it does; one with subcommands has an action for each of them, by name. */
export function definition(
  declaration: CommandDeclaration,
  actionOf: (context: CommandContext) => Action | Readonly<Record<string, Action>>,
): CommandModule["define"] {
  return (command, context) => {
    const action = actionOf(context);
    declare(command, declaration);
    if (typeof action === "function") {
      command.action(action);
      return;
    }
    for (const { name, summary, ...below } of declaration.commands ?? []) {
      const own = action[name];
      if (own === undefined) throw new Error(`vm ${command.name()} ${name} does nothing`);
      declare(command.command(name).summary(summary).description(summary), below)
        .exitOverride()
        .showHelpAfterError(`(vm ${command.name()} ${name} --help explains the options)`)
        .action(own);
    }
  };
}

function declare(
  command: Command,
  { arguments: words = [], usage, options = [], groups = [], notes }: CommandDeclaration,
): Command {
  for (const [term, about] of words) command.argument(term, about);
  if (usage !== undefined) command.usage(usage);
  const all: readonly OptionGroup[] = [{ heading: "", options }, ...groups];
  for (const group of all)
    for (const each of group.options) {
      const option = declareOption(command, each);
      command.addOption(group.heading === "" ? option : option.helpGroup(group.heading));
    }
  if (notes !== undefined) command.addHelpText("after", notes);
  return command;
}

function declareOption(command: Command, [flags, about, kind = {}]: DeclaredOption): Option {
  const option = command.createOption(flags, about);
  if (kind.repeatable === true) option.argParser(collect);
  if (kind.choices !== undefined) option.choices([...kind.choices]);
  if (kind.default !== undefined) option.default(kind.default);
  return option.makeOptionMandatory(kind.required === true).hideHelp(kind.isHidden === true);
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
