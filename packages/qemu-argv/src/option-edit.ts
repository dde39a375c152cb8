import { parseBoolean } from "./boolean-text.js";
import { renderCharacterDevice } from "./character-device.js";
import { isNumber, renderJson, renderNumber, type JsonNode } from "./json-text.js";
import type { PropertyOption, QemuOption } from "./option.js";
import {
  findMember,
  matchesOption,
  optionCharacterDevice,
  optionJson,
  type OptionSelector,
} from "./option-query.js";
import { liftJson } from "./parse-argv.js";
import { readProperty } from "./property-reading.js";

/** The options with more of them at the end, where they win over earlier ones of flags that count once. */
export function appendOptions(options: readonly QemuOption[], ...more: readonly QemuOption[]): QemuOption[] {
  return [...options, ...more];
}

/** The options without those that the selector means. */
export function removeOptions(options: readonly QemuOption[], selector: OptionSelector): QemuOption[] {
  return options.filter((option) => !matchesOption(option, selector));
}

/** Puts an option in place of the first that the selector means and drops the others; appends it when there is none. */
export function replaceOption(
  options: readonly QemuOption[],
  selector: OptionSelector,
  replacement: QemuOption,
): QemuOption[] {
  const first = options.findIndex((option) => matchesOption(option, selector));
  if (first === -1) return [...options, replacement];
  return [
    ...options.slice(0, first),
    replacement,
    ...options.slice(first + 1).filter((option) => !matchesOption(option, selector)),
  ];
}

/** Changes every option that the selector means. */
export function mapOptions(
  options: readonly QemuOption[],
  selector: OptionSelector,
  change: (option: QemuOption) => QemuOption,
): QemuOption[] {
  return options.map((option) => (matchesOption(option, selector) ? change(option) : option));
}

/**
 * The option with a property set, so that QEMU takes it: in the place of the one that counts (the head, when the key is the implied
 * one; `nowait`, when it is `wait`), at the end when there is none. `true` and `false` are `on` and `off` in `key=value` pairs.
 * JSON keeps its types: a text for what was a boolean or a number becomes one, if it says one (`off`, `2`, `1G`); for what was not
 * there, the value's own type counts. Options that have no properties (`-S`, `-kernel`, an image) come back as they are.
 */
export function setProperty(option: QemuOption, key: string, value: string | number | boolean): QemuOption {
  if ("flag" in option) {
    const json = optionJson(option);
    if (json !== undefined) return setMember(option, json, key, value);
  }
  const device = optionCharacterDevice(option);
  if (device !== undefined && "value" in option) {
    // Behind `file:` there is room for a path alone.
    if (device.form === "path" && key !== "path") return option;
    const properties = setPairs(device.properties, key, value);
    return { ...option, value: renderCharacterDevice({ ...device, properties }) };
  }
  return "props" in option ? setPairs(option, key, value) : option;
}

function setPairs(option: PropertyOption, key: string, value: string | number | boolean): PropertyOption {
  const text = typeof value === "boolean" ? (value ? "on" : "off") : String(value);
  const said = readProperty(option, key);
  const counts = said.at(-1);
  if (counts === undefined) return appendProperty(option, key, text);
  if (counts.at === -1) return { ...option, head: text };
  const inTheWay = said.filter(({ name, at }) => at !== counts.at && standsInTheWay(option, name, key));
  return {
    ...option,
    props: option.props
      .with(counts.at, [key, text])
      .filter((_, index) => !inTheWay.some(({ at }) => at === index)),
  };
}

/** QEMU refuses two names of one property beside each other; and of -cpu, what counts need not be what stands last. */
function standsInTheWay({ flag }: PropertyOption, name: string, key: string): boolean {
  return flag === "cpu" || name !== key;
}

/** With the property last, but before a trailing comma. */
function appendProperty(option: PropertyOption, key: string, value: string): PropertyOption {
  if (option.flag === "cpu" && key === "model") return { ...option, head: value };
  const { props } = option;
  const last = props.at(-1);
  const end = last !== undefined && last[0] === "" && last[1] === null ? props.length - 1 : props.length;
  return { ...option, props: [...props.slice(0, end), [key, value], ...props.slice(end)] };
}

function setMember(
  { flag, dashes }: { readonly flag: string; readonly dashes?: "--" },
  json: Map<string, JsonNode>,
  key: string,
  value: string | number | boolean,
): QemuOption {
  const found = findMember(json, key);
  const node = typedNode(value, found?.node);
  if (found === undefined) addMember(json, key, node);
  else if (Array.isArray(found.parent)) found.parent[Number(found.key)] = node;
  else found.parent.set(found.key, node);
  return { flag, ...(dashes === undefined ? {} : { dashes }), ...liftJson(renderJson(json)) };
}

/** Puts a member where no such is: within the objects that its key leads into, as far as they are there. */
function addMember(json: Map<string, JsonNode>, key: string, node: JsonNode): void {
  const dot = key.indexOf(".");
  const inner = dot === -1 ? undefined : json.get(key.slice(0, dot));
  if (inner instanceof Map) addMember(inner, key.slice(dot + 1), node);
  else json.set(key, node);
}

/** The value in the type of what it replaces. */
function typedNode(value: string | number | boolean, before: JsonNode | undefined): JsonNode {
  if (typeof before === "string") return typeof value === "boolean" ? (value ? "on" : "off") : String(value);
  if (typeof value === "number") return { digits: renderNumber(value) };
  if (typeof value === "boolean") return value;
  if (typeof before === "boolean") return parseBoolean(value) ?? value;
  const digits = before !== undefined && isNumber(before) ? parseNumber(value) : undefined;
  return digits === undefined ? value : { digits };
}

/** A number in QEMU's text forms: decimal, hexadecimal, or a size in bytes with its suffix (util/cutils.c). */
function parseNumber(text: string): string | undefined {
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text)) return text;
  if (/^0x[\da-f]+$/i.test(text)) return String(BigInt(text));
  const [, whole, fraction, suffix] = /^(\d+)(\.\d+)?([BKMGTPE])$/i.exec(text) ?? [];
  if (whole === undefined || suffix === undefined) return undefined;
  const unit = 1024 ** "BKMGTPE".indexOf(suffix.toUpperCase());
  return String(BigInt(whole) * BigInt(unit) + BigInt(Math.floor(Number(fraction ?? 0) * unit)));
}
