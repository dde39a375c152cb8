import { isDeepStrictEqual } from "node:util";
import { codedError } from "@vm/command-plan";
import { EXPORT_NAMES } from "./config-schema.js";
import { locateItems, readLiteralModule, type Literal, type Located } from "./literal-module.js";

/** One option as words: `["-m", "2G"]`. */
export type OptionWords = readonly [string, ...string[]];

/**
 * The text of a config module with one of `qemuOptions` changed, and all else as the person wrote it, comments too.
 * @throws CONFIG_NOT_EDITABLE where the module computes, or says it in a form that is not ours to change
 */
export function withOption(text: string, [flag, value]: readonly [string, string]): string {
  const { items, open } = itemsOf(text);
  if (items.some((item) => saysOtherwise(item.value, flag))) {
    throw notEditable(`${flag} stands there in another form than ["${flag}", "..."]`);
  }
  const at = items.findLastIndex((item) => isFlag(item.value, flag));
  const last = items[at];
  if (last === undefined || !isWords(last.value)) {
    return checked(text, splice(text, open, open, `\n  ${render([flag, value])},`), (options) => [
      [flag, value],
      ...options,
    ]);
  }
  const [, before, ...more] = last.value;
  if (before === undefined || more.length > 0 || /[,=]/.test(before)) {
    throw notEditable(`${flag} says more than one thing there: ${text.slice(last.start, last.end)}`);
  }
  return checked(text, splice(text, last.start, last.end, render([flag, value])), (options) =>
    options.with(at, [flag, value]),
  );
}

/** The text with more options: behind the last one that names a disk, else at the end. @throws CONFIG_NOT_EDITABLE */
export function withMoreOptions(text: string, added: readonly OptionWords[]): string {
  const { items, open } = itemsOf(text);
  const drive = items.findLastIndex(
    ({ value }) => isFlag(value, "-drive") || isFlag(value, "-device", /,drive=|^drive=/),
  );
  const behind = drive === -1 ? items.length - 1 : drive;
  const at = items[behind]?.end ?? open;
  const lines = added.map((words) => `\n  ${render(words)}`);
  const insertion = behind === -1 ? `${lines.join(",")},\n` : `,${lines.join(",")}`;
  return checked(text, splice(text, at, at, insertion), (options) =>
    options.toSpliced(behind + 1, 0, ...added.map((words) => [...words])),
  );
}

/** The text without the options at these places. @throws CONFIG_NOT_EDITABLE */
export function withoutOptions(text: string, indexes: readonly number[]): string {
  const { items } = itemsOf(text);
  let edited = text;
  for (const index of indexes.toSorted((a, b) => b - a)) {
    const item = items[index];
    if (item === undefined) throw notEditable("it has no such option");
    const { start, end } = wholeLine(edited, item);
    edited = splice(edited, start, end, "");
  }
  return checked(text, edited, (options) => options.filter((_, index) => !indexes.includes(index)));
}

/** The options of a module, as they stand there. @throws CONFIG_NOT_EDITABLE */
export function optionWords(text: string): readonly Literal[] {
  return itemsOf(text).items.map(({ value }) => value);
}

/** With the comma behind it, and with its line where it stands alone on it. */
function wholeLine(text: string, { start, end }: Located): { readonly start: number; readonly end: number } {
  const [behind = ""] = /^\s*,?/.exec(text.slice(end)) ?? [];
  const to = behind.endsWith(",") ? end + behind.length : end;
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const [rest = ""] = /^[ \t]*\n/.exec(text.slice(to)) ?? [];
  return text.slice(lineStart, start).trim() === "" && rest !== ""
    ? { start: lineStart, end: to + rest.length }
    : { start, end: to };
}

function itemsOf(text: string): { readonly items: readonly Located[]; readonly open: number } {
  const found = locateItems(text, EXPORT_NAMES, "qemuOptions");
  if (found === undefined) throw notEditable("it computes, or has another form than plain lists");
  return found;
}

function isWords(value: Literal): value is string[] {
  return Array.isArray(value) && value.every((word) => typeof word === "string");
}

/** As data, or behind another option of the same list: QEMU takes the last, whatever its form. */
function saysOtherwise(value: Literal, flag: string): boolean {
  const isSame = (word: Literal | undefined): boolean =>
    typeof word === "string" && word.replace(/^-{0,2}/, "-") === flag;
  if (isWords(value)) return value.slice(1).some((word) => word.startsWith("-") && isSame(word));
  return typeof value === "object" && value !== null && !Array.isArray(value) && isSame(value["flag"]);
}

function isFlag(words: Literal, flag: string, value?: RegExp): boolean {
  if (!isWords(words)) return false;
  const [first = "", second = ""] = words;
  return first.replace(/^--/, "-") === flag && (value === undefined || value.test(second));
}

function render(words: OptionWords): string {
  return `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;
}

function splice(text: string, start: number, end: number, insertion: string): string {
  return text.slice(0, start) + insertion + text.slice(end);
}

/** The edited text says exactly what it was to say, read anew. */
function checked(text: string, edited: string, change: (options: Literal[]) => Literal[]): string {
  const [before, after] = [readLiteralModule(text, EXPORT_NAMES), readLiteralModule(edited, EXPORT_NAMES)];
  const options = before?.["qemuOptions"];
  if (Array.isArray(options) && isDeepStrictEqual(after, { ...before, qemuOptions: change(options) }))
    return edited;
  throw notEditable("it has a form that cannot be changed from outside");
}

function notEditable(reason: string): Error {
  return codedError("CONFIG_NOT_EDITABLE", `vm.mjs cannot be changed by a command: ${reason}`, {
    hint: "vm edit NAME opens it in your editor.",
  });
}
