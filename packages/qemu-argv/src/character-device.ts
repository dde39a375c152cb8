import { plainPropertySyntax, type PropertySyntax } from "./flag-syntax.js";
import type { PropertyOption } from "./option.js";
import { parsePropertyList, renderPropertyList } from "./property-list.js";

/** A character device in short, as -serial and -qmp take it, taken apart. */
export interface CharacterDevice {
  /** `mon:unix:`, or `tcp:localhost:4444`. */
  readonly start: string;
  /** Its properties, as those of a -chardev; the path is the first. */
  readonly properties: PropertyOption;
  /** How the properties are written: behind `file:` and `pipe:` there is a path alone, commas and all. */
  readonly form: "path" | "properties";
}

const unixSyntax: PropertySyntax = { ...plainPropertySyntax, impliedKey: "path" };

/** Takes one apart, by chardev/char.c, qemu_chr_parse_compat; undefined where there are no properties (`stdio`, `chardev:ID`). */
export function parseCharacterDevice(text: string): CharacterDevice | undefined {
  const [, start, kind, rest = ""] =
    /^((?:mon:)?(file|pipe|pty|unix|tcp|telnet|tn3270|websocket):)(.*)$/s.exec(text) ?? [];
  if (start === undefined) return undefined;
  if (kind === "file" || kind === "pipe" || kind === "pty") {
    return { start, form: "path", properties: { flag: "chardev", props: [["path", rest]] } };
  }
  if (kind === "unix") {
    const { head, props } = parsePropertyList(rest, unixSyntax);
    const all = head === undefined ? props : [["path", head] as const, ...props];
    return { start, form: "properties", properties: { flag: "chardev", props: all } };
  }
  const comma = text.indexOf(",");
  return {
    start: comma === -1 ? text : text.slice(0, comma),
    form: "properties",
    properties: {
      flag: "chardev",
      props: comma === -1 ? [] : parsePropertyList(text.slice(comma + 1), plainPropertySyntax).props,
    },
  };
}

/** Writes it again: what was not changed, byte for byte. */
export function renderCharacterDevice({ start, form, properties }: CharacterDevice): string {
  const { props } = properties;
  const [first, ...others] = props;
  if (form === "path") return start + (props.findLast(([key]) => key === "path")?.[1] ?? "");
  if (!start.endsWith("unix:")) {
    return props.length === 0
      ? start
      : `${start},${renderPropertyList("chardev", { props }, plainPropertySyntax)}`;
  }
  const isShort = first?.[0] === "path" && typeof first[1] === "string";
  const list = isShort && first[1] !== null ? { head: first[1], props: others } : { props };
  return start + renderPropertyList("chardev", list, unixSyntax);
}
