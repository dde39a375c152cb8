import type { PropertySyntax } from "./flag-syntax.js";
import type { Property } from "./option.js";
import { qemuArgvError } from "./qemu-argv-error.js";

/** The argument of a property flag, taken apart. */
export interface PropertyList {
  readonly head?: string;
  readonly props: readonly Property[];
}

/**
 * Takes `virtio-9p-pci,mount_tag=a,,b,ro` apart exactly as QEMU's util/qemu-option.c does: a comma in a head or a value
 * is written twice, one in a key cannot be written. Any text can be taken apart, and `renderPropertyList` gives it back;
 * a trailing comma is kept as the property `["", null]`.
 */
export function parsePropertyList(text: string, syntax: PropertySyntax): PropertyList {
  const props: Property[] = [];
  let head: string | undefined;
  let at = 0;
  const takeValue = (): string => {
    const start = at;
    while (at < text.length) {
      if (text[at] !== ",") at += 1;
      else if (text[at + 1] === "," && syntax.commas === "doubled") at += 2;
      else break;
    }
    const value = text.slice(start, at);
    return syntax.commas === "doubled" ? value.replaceAll(",,", ",") : value;
  };
  if (text === "") return { props };
  if (syntax.impliedKey !== undefined && !/^[^=,]*=/.test(text)) head = takeValue();
  // Past a comma there is one more element, even an empty one; QEMU ignores an empty last element.
  let more = head === undefined || at < text.length;
  while (more) {
    if (head !== undefined || props.length > 0) at += 1;
    const start = at;
    while (at < text.length && text[at] !== "=" && text[at] !== ",") at += 1;
    const key = text.slice(start, at);
    if (text[at] === "=") {
      at += 1;
      props.push([key, takeValue()]);
    } else {
      props.push([key, null]);
    }
    more = at < text.length;
  }
  return head === undefined ? { props } : { head, props };
}

/**
 * Writes the argument of a property flag; commas in the head and in values are doubled here and nowhere else.
 * Throws `QEMU_OPTION_UNWRITABLE` for what QEMU would read as something else.
 */
export function renderPropertyList(flag: string, list: PropertyList, syntax: PropertySyntax): string {
  const { head, props } = list;
  if (head === undefined && syntax.impliedKey !== undefined && props[0]?.[1] === null) {
    throw unwritable(
      flag,
      `its first property "${props[0][0]}" has no value, so QEMU would take it for ${syntax.impliedKey}=`,
      `Write a value (on or off), or put another property first.`,
    );
  }
  if (head === undefined && syntax.json && props[0]?.[0].startsWith("{") === true) {
    throw unwritable(
      flag,
      `its first key "${props[0][0]}" begins with a brace, so QEMU would take all for JSON`,
    );
  }
  const elements = head === undefined ? [] : [renderHead(flag, head, syntax, props.length)];
  for (const [index, [key, value]] of props.entries()) {
    if (/[,=]/.test(key)) throw unwritable(flag, `the key "${key}" holds a comma or an equals sign`);
    const afterValue = index === 0 ? head !== undefined : props[index - 1]?.[1] !== null;
    const doubles = key === "" && value === null && afterValue && index < props.length - 1;
    if (doubles && syntax.commas === "doubled") {
      throw unwritable(flag, "an empty property stands in the middle, which QEMU would read as a comma");
    }
    elements.push(value === null ? key : `${key}=${renderValue(flag, value, syntax)}`);
  }
  return elements.join(",");
}

function renderHead(flag: string, head: string, syntax: PropertySyntax, following: number): string {
  const { impliedKey } = syntax;
  if (impliedKey === undefined) {
    // Such a head is to QEMU a key alone.
    if (/[,=]/.test(head) || (syntax.json && head.startsWith("{"))) {
      throw unwritable(flag, `QEMU would not take "${head}" for a key`);
    }
    return head;
  }
  // `-drive a=b.img` would set the property `a`, a brace begins JSON, and an empty argument says nothing at all.
  const isMistakable =
    /^[^,]*=/.test(head) || (syntax.json && head.startsWith("{")) || (head === "" && following === 0);
  const value = renderValue(flag, head, syntax);
  if (!isMistakable) return value;
  if (syntax.commas === "doubled") return `${impliedKey}=${value}`;
  throw unwritable(flag, `QEMU would not take "${head}" for the ${impliedKey}`);
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
