import type { PropertySyntax } from "./flag-syntax.js";
import { propertyFlags } from "./flag-table.js";
import type { Property } from "./option.js";
import { qemuArgvError } from "./qemu-argv-error.js";

/** The argument of a property flag, taken apart. */
export interface PropertyList {
  readonly head?: string;
  readonly props: readonly Property[];
}

/**
 * Takes `virtio-9p-pci,mount_tag=a,,b,ro` apart exactly as QEMU does: a comma in a value is written twice, one in a key cannot
 * be written. Any text can be taken apart, and `renderPropertyList` gives it back; a trailing comma is kept as the property
 * `["", null]`.
 */
export function parsePropertyList(text: string, syntax: PropertySyntax): PropertyList {
  const props: Property[] = [];
  let head: string | undefined;
  let at = 0;
  const takeValue = (commas: "doubled" | "impossible"): string => {
    const start = at;
    while (at < text.length) {
      if (text[at] !== ",") at += 1;
      else if (text[at + 1] === "," && commas === "doubled") at += 2;
      else break;
    }
    const value = text.slice(start, at);
    return commas === "doubled" ? value.replaceAll(",,", ",") : value;
  };
  if (text === "") return { props };
  if (hasHead(text, syntax)) head = takeValue(headCommas(syntax));
  // Past a comma there is one more element, even an empty one; QEMU ignores an empty last element.
  let more = head === undefined || at < text.length;
  while (more) {
    if (head !== undefined || props.length > 0) at += 1;
    const start = at;
    while (at < text.length && text[at] !== "=" && text[at] !== ",") at += 1;
    const key = text.slice(start, at);
    if (text[at] === "=") {
      at += 1;
      props.push([key, takeValue(syntax.commas)]);
    } else {
      props.push([key, null]);
    }
    more = at < text.length;
  }
  return head === undefined ? { props } : { head, props };
}

/** The CPU's model is all before the first comma, an `=` included. */
function hasHead(text: string, { grammar, impliedKey }: PropertySyntax): boolean {
  return grammar === "cpu" || (impliedKey !== undefined && !/^[^=,]*=/.test(text));
}

/** In keyval.c a value that stands for the implied key ends at the first comma, even a doubled one. */
function headCommas({ grammar }: PropertySyntax): "doubled" | "impossible" {
  return grammar === "options" ? "doubled" : "impossible";
}

/**
 * Writes the argument of a property flag; commas in the head and in values are doubled here and nowhere else.
 * Throws `QEMU_OPTION_UNWRITABLE` for what QEMU would read as something else.
 */
export function renderPropertyList(flag: string, list: PropertyList, syntax: PropertySyntax): string {
  const { head, props } = list;
  if (head === undefined) checkFirstProperty(flag, props, syntax);
  const elements = head === undefined ? [] : [renderHead(flag, head, syntax, props.length)];
  const headDoubles = elements[0] !== undefined && (syntax.grammar === "options" || elements[0] !== head);
  for (const [index, [key, value]] of props.entries()) {
    if (/[,=]/.test(key)) throw unwritable(flag, `the key "${key}" holds a comma or an equals sign`);
    const afterValue = index === 0 ? headDoubles : props[index - 1]?.[1] !== null;
    const doubles = key === "" && value === null && afterValue && index < props.length - 1;
    if (doubles && syntax.commas === "doubled") {
      throw unwritable(flag, "an empty property stands in the middle, which QEMU would read as a comma");
    }
    elements.push(value === null ? key : `${key}=${renderValue(flag, value, syntax)}`);
  }
  return elements.join(",");
}

/** Whether QEMU takes a list without a head as it is meant. */
function checkFirstProperty(flag: string, props: readonly Property[], syntax: PropertySyntax): void {
  const first = props[0];
  if (first === undefined) return;
  if (syntax.grammar === "cpu") {
    throw unwritable(flag, `QEMU would take its first property "${first[0]}" for the model`, "Name a model.");
  }
  if (syntax.impliedKey !== undefined && first[1] === null) {
    throw unwritable(
      flag,
      `its first property "${first[0]}" has no value, so QEMU would take it for ${syntax.impliedKey}=`,
      `Write a value (on or off), or put another property first.`,
    );
  }
  if (syntax.json && first[0].startsWith("{")) {
    throw unwritable(
      flag,
      `its first key "${first[0]}" begins with a brace, so QEMU would take all for JSON`,
    );
  }
}

function renderHead(flag: string, head: string, syntax: PropertySyntax, following: number): string {
  const { impliedKey } = syntax;
  if (impliedKey === undefined) return renderKeyHead(flag, head);
  if (syntax.grammar === "cpu") {
    if (head !== "" || following > 0) return renderValue(flag, head, syntax);
    throw unwritable(flag, "the model is empty");
  }
  // `-device a=b` would set the property `a`, a brace begins JSON, and an empty argument says nothing at all.
  const isMistakable =
    /^[^,]*=/.test(head) ||
    (syntax.json && head.startsWith("{")) ||
    (head === "" && following === 0) ||
    (headCommas(syntax) === "impossible" && head.includes(","));
  const value = renderValue(flag, head, syntax);
  return isMistakable ? `${impliedKey}=${value}` : value;
}

/** A head where QEMU has no key that it could stand for: a key alone, if the flag is one that is not known here. */
function renderKeyHead(flag: string, head: string): string {
  if (Object.hasOwn(propertyFlags, flag)) {
    throw unwritable(
      flag,
      `QEMU would take "${head}" for a key that stands alone`,
      flag === "drive" || flag === "rtc"
        ? `Write it as a property: ["${flag === "drive" ? "file" : "base"}", ${JSON.stringify(head)}].`
        : "Write it as a property, with its key.",
    );
  }
  if (/[,=]/.test(head)) throw unwritable(flag, `QEMU would not take "${head}" for a key`);
  return head;
}

function renderValue(flag: string, value: string, syntax: PropertySyntax): string {
  if (syntax.commas === "impossible" && value.includes(",")) {
    throw unwritable(flag, `"${value}" holds a comma, which -${flag} has no way to write`);
  }
  return value.replaceAll(",", ",,");
}

function unwritable(flag: string, reason: string, hint?: string): Error {
  return qemuArgvError("QEMU_OPTION_UNWRITABLE", `-${flag}: ${reason}.`, hint);
}
