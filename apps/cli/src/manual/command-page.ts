import type { Command, Option } from "commander";
import { bold, roffText, roffPage, roffTitle, roffVerbatim, roffWord, type Edition } from "./roff.js";

/** The page of a command, made of what `--help` prints. @param name `vm-run` */
export function commandPage(
  name: string,
  command: Command,
  { edition, also }: { readonly edition: Edition; readonly also: readonly string[] },
): string {
  const words = name === "arch-install" ? name : name.replace("vm-", "vm ");
  const { notes, examples } = helpNotes(command);
  const lines = [
    roffTitle({ name, section: 1 }, edition),
    ".SH NAME",
    `${roffText(name)} \\- ${roffText((command.summary() || command.description()).replace(/\.$/, ""))}`,
    ".SH SYNOPSIS",
    ...synopsis(words, command),
    ".SH DESCRIPTION",
    ...paragraphs(notes.length > 0 ? notes : [`${capital(command.description() || command.summary())}.`]),
    ...argumentsOf(command, ".SH ARGUMENTS"),
    ...(command.commands.length === 0 ? optionsOf(command, ".SH OPTIONS") : []),
    ...command.commands.flatMap((each) => [
      `.SH ${roffWord(`${words} ${each.name()}`.toUpperCase())}`,
      `${roffText(capital(each.description() || each.summary()))}.`,
      ".PP",
      ...synopsis(`${words} ${each.name()}`, each),
      ...argumentsOf(each),
      ...optionsOf(each),
    ]),
    ...(examples.length === 0 ? [] : [".SH EXAMPLES", ...roffVerbatim(examples)]),
    ".SH EXIT STATUS",
    `0: done. 1: it could not be done, and standard error says why. 2: wrong use. ${bold("vm-exit-codes")}(7) has all of them.`,
    ".SH SEE ALSO",
    also.map(pageName).join(",\n"),
  ];
  return roffPage(lines);
}

/** `vm(1)`, the name in bold. */
function pageName(page: string): string {
  const at = page.indexOf("(");
  return `${bold(page.slice(0, at))}${page.slice(at)}`;
}

/** What stands behind the options in `--help`: text and examples. */
function helpNotes(command: Command): { readonly notes: string[]; readonly examples: string[] } {
  let whole = "";
  command.configureOutput({ writeOut: (more) => void (whole += more) }).outputHelp();
  const text = whole.slice(command.helpInformation().length);
  const lines = text.split("\n");
  const at = lines.indexOf("Examples:");
  const end = at === -1 ? -1 : lines.findIndex((line, index) => index > at && /^\S/.test(line));
  const examples = at === -1 ? [] : lines.slice(at + 1, end === -1 ? undefined : end);
  const notes = at === -1 ? lines : [...lines.slice(0, at), ...(end === -1 ? [] : lines.slice(end))];
  return { notes: trimmed(notes), examples: trimmed(examples).map((line) => line.replace(/^ {2}/, "")) };
}

function trimmed(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => line.trim() !== "");
  const last = lines.findLastIndex((line) => line.trim() !== "");
  return first === -1 ? [] : lines.slice(first, last + 1);
}

/** Text is filled; what is indented stands as it is. */
function paragraphs(lines: readonly string[]): string[] {
  const out: string[] = [];
  let verbatim: string[] = [];
  const flush = (): void => {
    if (verbatim.length > 0) out.push(...roffVerbatim(trimmed(verbatim)), ".PP");
    verbatim = [];
  };
  for (const line of lines) {
    if (/^\s+\S/.test(line)) {
      verbatim.push(line);
      continue;
    }
    flush();
    if (line !== "") out.push(roffText(line));
    else if (out.length > 0 && out.at(-1) !== ".PP") out.push(".PP");
  }
  flush();
  while (out.at(-1) === ".PP") out.pop();
  return out.filter((line, at) => line !== ".PP" || out[at + 1] !== ".PP");
}

function synopsis(words: string, command: Command): string[] {
  return [`${bold(words)} ${roffText(command.usage())}`];
}

function argumentsOf(command: Command, heading?: string): string[] {
  const all = command.createHelp().visibleArguments(command);
  if (all.length === 0) return [];
  const lines = all.flatMap((argument) => [
    ".TP",
    `\\fI${roffText(argument.name())}\\fR`,
    roffText(argument.description),
  ]);
  return heading === undefined ? lines : [heading, ...lines];
}

/** By the groups that `--help` has. */
function optionsOf(command: Command, heading?: string): string[] {
  const help = command.createHelp();
  const groups = new Map<string, Option[]>();
  for (const option of help.visibleOptions(command)) {
    const group = option.helpGroupHeading ?? "";
    groups.set(group, [...(groups.get(group) ?? []), option]);
  }
  const lines = Array.from(groups, ([group, options]) => [
    ...(group === "" ? [] : [heading === undefined ? ".PP" : `.SS ${roffWord(group.replace(/:$/, ""))}`]),
    ...options.flatMap((option) => [
      ".TP",
      bold(help.optionTerm(option)),
      roffText(help.optionDescription(option)),
    ]),
  ]).flat();
  if (lines.length === 0) return [];
  return heading === undefined ? lines : [heading, ...lines];
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`.replace(/\.$/, "");
}
