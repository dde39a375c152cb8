import type { CommandDescription, OptionDescription } from "../command-description.js";
import { bold, roffText, roffPage, roffTitle, roffVerbatim, roffWord, type Edition } from "./roff.js";

/** The page of a command, of what its help says. @param name `vm-run` */
export function commandPage(
  name: string,
  command: CommandDescription,
  { edition, also }: { readonly edition: Edition; readonly also: readonly string[] },
): string {
  const words = name === "arch-install" ? name : name.replace("vm-", "vm ");
  const { notes, examples } = readNotes(command.notes);
  const lines = [
    roffTitle({ name, section: 1 }, edition),
    ".SH NAME",
    `${roffText(name)} \\- ${roffText(command.summary.replace(/\.$/, ""))}`,
    ".SH SYNOPSIS",
    ...synopsis(words, command),
    ".SH DESCRIPTION",
    ...paragraphs(notes.length > 0 ? notes : [`${capital(command.about)}.`]),
    ...argumentsOf(command, ".SH ARGUMENTS"),
    ...(command.commands.length === 0 ? optionsOf(command, ".SH OPTIONS") : []),
    ...command.commands.flatMap((each) => [
      `.SH ${roffWord(`${words} ${each.name}`.toUpperCase())}`,
      `${roffText(capital(each.about))}.`,
      ".PP",
      ...synopsis(`${words} ${each.name}`, each),
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

/** Text and examples apart. */
function readNotes(text: string): { readonly notes: string[]; readonly examples: string[] } {
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

function synopsis(words: string, command: CommandDescription): string[] {
  return [`${bold(words)} ${roffText(command.usage)}`];
}

function argumentsOf(command: CommandDescription, heading?: string): string[] {
  const { arguments: all } = command;
  if (all.every(({ about }) => about === "")) return [];
  const lines = all.flatMap(({ name, about }) => [".TP", `\\fI${roffText(name)}\\fR`, roffText(about)]);
  return heading === undefined ? lines : [heading, ...lines];
}

/** By the groups that `--help` has. */
function optionsOf(command: CommandDescription, heading?: string): string[] {
  const groups = new Map<string, OptionDescription[]>();
  for (const option of command.options) {
    if (!option.isHidden) groups.set(option.group, [...(groups.get(option.group) ?? []), option]);
  }
  const lines = Array.from(groups, ([group, options]) => [
    ...(group === "" ? [] : [heading === undefined ? ".PP" : `.SS ${roffWord(group.replace(/:$/, ""))}`]),
    ...options.flatMap(({ term, detail }) => [".TP", bold(term), roffText(detail)]),
  ]).flat();
  if (lines.length === 0) return [];
  return heading === undefined ? lines : [heading, ...lines];
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`.replace(/\.$/, "");
}
