import { installProgram } from "@vm/arch-installer";
import type { CommandDeclaration, DeclaredOption, NamedCommand, OptionGroup } from "./command-declaration.js";
import type { ArgumentDescription, CommandDescription, OptionDescription } from "./command-description.js";
import { commandList } from "./command-list.js";
import { declarations } from "./declarations.js";
import { globalGroup } from "./options/global-options.js";

/** `vm`, with all its commands. */
export function describeProgram(): CommandDescription {
  const summary = "create QEMU virtual machines, and boot the kernel you have just compiled";
  const options: readonly DeclaredOption[] = [["-V, --version", "print the version"]];
  return {
    ...describe({ name: "vm", summary }, { options }, []),
    commands: commandList.map((command) => describe(command, declarations[command.name], [])),
  };
}

/** `vm help`, which the parser of the command line adds. */
export function describeHelp(topics: readonly NamedCommand[]): CommandDescription {
  const summary = "help for a command, or a topic";
  return describe({ name: "help", summary }, { commands: [...commandList, ...topics] }, []);
}

/** `arch-install`, which has no commands. */
export function describeInstaller(): CommandDescription {
  const { about, usage, flags, notes } = installProgram;
  const options = flags.map(({ flags: names, about: does, ...kind }): DeclaredOption => [names, does, kind]);
  const help = option(["-h, --help", "display help"], "");
  return {
    ...describe({ name: "arch-install", summary: about }, { usage, notes }, []),
    path: "",
    options: ordered([...options.map((each) => option(each, "")), help]),
  };
}

function describe(
  { name, alias, summary, rest }: NamedCommand,
  declaration: CommandDeclaration,
  parents: readonly string[],
): CommandDescription {
  const { arguments: words = [], options = [], groups = [], notes = "", commands = [] } = declaration;
  const path = [...parents, name];
  const own: readonly OptionGroup[] = [{ heading: "", options }, ...groups];
  const described = own.flatMap(({ heading, options: all }) => all.map((each) => option(each, heading)));
  const help = option(["-h, --help", "display help for command"], "");
  const known = new Set(described.map(({ long }) => long));
  const globals = globalGroup.options.map((each) => option(each, globalGroup.heading));
  return {
    name,
    path: path.join(" "),
    aliases: alias === undefined ? [] : [alias],
    summary,
    about: summary,
    usage: declaration.usage ?? usageOf(declaration),
    arguments: words.map(argument),
    options: ordered([...described, help, ...globals.filter(({ long }) => !known.has(long))]),
    commands: commands.map((each) => describe(each, each, path)),
    notes,
    ...(rest === undefined ? {} : { rest }),
  };
}

/** Those that the help text has, and then the others. */
function ordered(options: readonly OptionDescription[]): readonly OptionDescription[] {
  return [...options.filter(({ isHidden }) => !isHidden), ...options.filter(({ isHidden }) => isHidden)];
}

function usageOf({ arguments: words = [], commands = [] }: CommandDeclaration): string {
  return ["[options]", ...(commands.length === 0 ? [] : ["[command]"]), ...words.map(([term]) => term)].join(
    " ",
  );
}

function argument([term, about]: readonly [term: string, about: string]): ArgumentDescription {
  return { name: term.replaceAll(/[<[\].>]/g, ""), about, isVariadic: term.includes("...") };
}

function option([flags, about, kind = {}]: DeclaredOption, group: string): OptionDescription {
  const [, short, long] = /^(?:(-\w),? ?)?(--[\w-]+)?/.exec(flags) ?? [];
  const placeholder = /[<[]([^\]>.]+)/.exec(flags)?.[1];
  const { choices, default: value, isHidden } = kind;
  // As commander's help has it.
  const more = [
    ...(choices === undefined ? [] : [`choices: ${choices.map((each) => JSON.stringify(each)).join(", ")}`]),
    ...(value === undefined ? [] : [`default: ${JSON.stringify(value)}`]),
  ];
  return {
    ...(short === undefined ? {} : { short }),
    ...(long === undefined ? {} : { long }),
    term: flags,
    about,
    detail: more.length === 0 ? about : `${about} (${more.join(", ")})`,
    group,
    ...(placeholder === undefined
      ? { value: "none" }
      : { value: flags.includes("<") ? "required" : "optional", placeholder }),
    isVariadic: flags.includes("..."),
    ...(choices === undefined ? {} : { choices }),
    isHidden: isHidden === true,
  };
}
