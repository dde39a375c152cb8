import { flagSyntax } from "./flag-syntax.js";
import type { JsonOption, QemuOption } from "./option.js";
import { parsePropertyList, type PropertyList } from "./property-list.js";
import { qemuArgvError } from "./qemu-argv-error.js";
import { suggestFlag } from "./unknown-flags.js";

type JsonObject = JsonOption["json"];

/** How to treat a flag that is in no QEMU this package knows. */
export interface ParseArgvSettings {
  /**
   * `keep` (the default): it passes through, byte for byte, together with a following word that does not begin with a
   * dash; so a flag of a newer QEMU works, and QEMU itself reports a misspelt one. `reject`: throw.
   */
  readonly unknownFlags?: "keep" | "reject";
}

/**
 * Lifts the arguments of a QEMU command line (without the program) to data. `renderArgv` gives the same bytes back.
 *
 * An argument of a property flag becomes properties, or JSON where it is JSON just as JSON.stringify writes it; other
 * JSON stays a plain value. Throws `QEMU_ARGUMENT_MISSING` when the last flag lacks its argument, and
 * `QEMU_FLAG_UNKNOWN` if asked to. Source: QEMU's softmmu/vl.c (lookup_opt) and util/qemu-option.c.
 */
export function parseArgv(argv: readonly string[], settings: ParseArgvSettings = {}): QemuOption[] {
  const options: QemuOption[] = [];
  let at = 0;
  while (at < argv.length) {
    const word = argv[at] ?? "";
    at += 1;
    if (!word.startsWith("-")) {
      options.push({ image: word });
      continue;
    }
    const name = word.startsWith("--")
      ? { flag: word.slice(2), dashes: "--" as const }
      : { flag: word.slice(1) };
    const syntax = flagSyntax(name.flag);
    if (syntax === undefined && settings.unknownFlags === "reject") throw unknownFlag(word, name.flag);
    const argument = argv[at];
    if (takesNext(syntax?.kind, argument)) {
      if (argument === undefined) throw missingArgument(word);
      at += 1;
      options.push({ ...name, ...parseArgument(name.flag, argument) });
    } else {
      options.push(name);
    }
  }
  return options;
}

function takesNext(kind: "switch" | "value" | "properties" | undefined, next: string | undefined): boolean {
  if (kind === undefined) return next !== undefined && !next.startsWith("-");
  return kind !== "switch";
}

function parseArgument(flag: string, text: string): { value: string } | { json: JsonObject } | PropertyList {
  const syntax = flagSyntax(flag);
  if (syntax?.kind !== "properties") return { value: text };
  if (syntax.json && text.startsWith("{")) {
    return parseExactJson(text) ?? { value: text };
  }
  return parsePropertyList(text, syntax);
}

/** JSON whose text JSON.stringify would write again just so; it overflows the stack on what is nested too deeply. */
function parseExactJson(text: string): { json: JsonObject } | undefined {
  const json = parseJsonObject(text);
  try {
    return json !== undefined && JSON.stringify(json) === text ? { json } : undefined;
  } catch {
    return undefined;
  }
}

/** The JSON object that a text holds; undefined when it is something else. */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** For what JSON.parse returns, which can hold nothing but JSON. */
function isJsonObject(parsed: unknown): parsed is JsonObject {
  return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
}

function missingArgument(word: string): Error {
  return qemuArgvError(
    "QEMU_ARGUMENT_MISSING",
    `${word} needs an argument, and the command line ends after it.`,
    `Write its argument as the next word.`,
  );
}

function unknownFlag(word: string, flag: string): Error {
  const suggestion = suggestFlag(flag);
  return qemuArgvError(
    "QEMU_FLAG_UNKNOWN",
    `QEMU has no flag ${word}.`,
    suggestion === undefined ? undefined : `Did you mean -${suggestion}?`,
  );
}
