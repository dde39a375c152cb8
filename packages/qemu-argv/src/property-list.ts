import type { Property } from "./option.js";
import { qemuArgvError } from "./qemu-argv-error.js";

/** The argument of a property flag, taken apart. */
export interface PropertyList {
  readonly head?: string;
  readonly props: readonly Property[];
}

/** Whether a first element without `=` is a head (`-device e1000`) or a key alone (`-msg timestamp`). */
export type FirstElement = "head" | "key";

/**
 * Takes `virtio-9p-pci,mount_tag=a,,b,ro` apart exactly as QEMU's util/qemu-option.c does: a comma in a head or a value
 * is written twice, one in a key cannot be written. Any text can be taken apart, and `renderPropertyList` gives it back;
 * a trailing comma is kept as the property `["", null]`.
 */
export function parsePropertyList(text: string, first: FirstElement): PropertyList {
  const props: Property[] = [];
  let head: string | undefined;
  let at = 0;
  const takeValue = (): string => {
    const start = at;
    while (at < text.length) {
      if (text[at] !== ",") at += 1;
      else if (text[at + 1] === ",") at += 2;
      else break;
    }
    return text.slice(start, at).replaceAll(",,", ",");
  };
  if (first === "head" && !/^[^=,]*=/.test(text)) {
    head = takeValue();
  }
  // Past a comma there is one more element, even an empty one; QEMU ignores an empty last element.
  let more = head === undefined ? text !== "" : at < text.length;
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
export function renderPropertyList(flag: string, { head, props }: PropertyList, impliedKey?: string): string {
  const elements: string[] = [];
  if (head !== undefined) elements.push(renderHead(flag, head, impliedKey));
  else if (impliedKey !== undefined && props[0]?.[1] === null) {
    throw unwritable(
      flag,
      `its first property "${props[0][0]}" has no value, so QEMU would take it for ${impliedKey}=`,
      `Write a value (on or off), or put another property first.`,
    );
  }
  for (const [index, [key, value]] of props.entries()) {
    if (/[,=]/.test(key)) throw unwritable(flag, `the key "${key}" holds a comma or an equals sign`);
    const afterValue = index === 0 ? head !== undefined : props[index - 1]?.[1] !== null;
    if (key === "" && value === null && afterValue && index < props.length - 1) {
      throw unwritable(flag, "an empty property stands in the middle, which QEMU would read as a comma");
    }
    elements.push(value === null ? key : `${key}=${doubleCommas(flag, value)}`);
  }
  return elements.join(",");
}

function renderHead(flag: string, head: string, impliedKey: string | undefined): string {
  if (!/^[^,]*=/.test(head)) return doubleCommas(flag, head);
  // `-drive a=b.img` would set the property `a`: say which property is meant.
  if (impliedKey !== undefined && flag !== "cpu") return `${impliedKey}=${doubleCommas(flag, head)}`;
  throw unwritable(flag, `the head "${head}" holds an equals sign, so QEMU would take it for a property`);
}

function doubleCommas(flag: string, value: string): string {
  if (!value.includes(",")) return value;
  // -cpu is split by the CPU model's own code (strtok), which knows no doubled comma.
  if (flag === "cpu") throw unwritable(flag, `"${value}" holds a comma, which -cpu has no way to write`);
  return value.replaceAll(",", ",,");
}

function unwritable(flag: string, reason: string, hint?: string): Error {
  return qemuArgvError("QEMU_OPTION_UNWRITABLE", `-${flag}: ${reason}.`, hint);
}
