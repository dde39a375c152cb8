import { flagSyntax } from "./flag-syntax.js";
import { jsonNode, jsonValue, parseJson, renderJson } from "./json-text.js";
import type { JsonOption, JsonValue, QemuOption } from "./option.js";
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
  return syntax.json && text.startsWith("{") ? liftJson(text) : parsePropertyList(text, syntax);
}

/** JSON as data, where nothing of it is lost and it is written again just so; as text otherwise. */
export function liftJson(text: string): { json: JsonObject } | { value: string } {
  const node = parseJson(text);
  const json = node === undefined ? undefined : jsonValue(node);
  if (json === undefined || !isJsonObject(json)) return { value: text };
  const again = jsonNode(json);
  return again !== undefined && renderJson(again) === text ? { json } : { value: text };
}

function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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
