import { isOn } from "./boolean-text.js";
import { flagName, flagSyntax, plainPropertySyntax, type PropertySyntax } from "./flag-syntax.js";
import type { PropertyOption } from "./option.js";

/** A property as QEMU reads it from one element of an option. */
export interface ReadProperty {
  readonly name: string;
  readonly value: string;
  /** Its place in `props`; -1 is the head. */
  readonly at: number;
}

/** The names that QEMU takes for one property. */
interface Names {
  readonly names: readonly string[];
  /** A name that says the opposite. */
  readonly opposite?: string;
  /** A name of which not the last counts, but the first. */
  readonly firstOf?: string;
}

/** blockdev.c, drive_new: another name of a property of -drive, which is renamed to its own, from the last to the first. */
const driveNames: readonly (readonly [string, string])[] = [
  ["readonly", "read-only"],
  ["group", "throttling.group"],
  ["iops_size", "throttling.iops-size"],
  ...["iops", "bps"].flatMap((unit) =>
    ["", "_max"].flatMap((most) =>
      [
        ["", "total"],
        ["_rd", "read"],
        ["_wr", "write"],
      ].map(
        ([short, long]) =>
          [`${unit}${short}${most}`, `throttling.${unit}-${long}${most.replace("_", "-")}`] as const,
      ),
    ),
  ),
];

/**
 * All that an option says of one property, in the order of what counts: the last does. For `id` the first does, where QEMU reads options
 * with util/qemu-option.c; here it then is the only one.
 */
export function readProperty(option: PropertyOption, key: string): ReadProperty[] {
  const flag = flagName(option.flag);
  const known = flagSyntax(option.flag);
  const syntax = known?.kind === "properties" ? known : plainPropertySyntax;
  if (syntax.grammar === "cpu") return readCpuProperty(option, key);
  const { names, opposite, firstOf } = namesOf(flag, key);
  const read = readAll(option, syntax).flatMap((property) => {
    const name = flag === "machine" ? property.name.replaceAll("_", "-") : property.name;
    if (names.includes(name)) return [property];
    return name === opposite ? [{ ...property, value: negate(property.value) }] : [];
  });
  if (read.some(({ name }) => name === firstOf)) return read.toReversed();
  return key === "id" && syntax.grammar === "options" && !isModernNetdev(option) ? read.slice(0, 1) : read;
}

function namesOf(flag: string, key: string): Names {
  // system/vl.c, keyval_dashify.
  if (flag === "machine") return { names: [key.replaceAll("_", "-")] };
  if (flag === "chardev" && key === "nodelay") return { names: [key], opposite: "delay" };
  if (flag === "chardev" && key === "delay") return { names: [key], opposite: "nodelay" };
  if (flag !== "drive") return { names: [key] };
  if (key === "format" || key === "driver") return { names: ["format", "driver"] };
  const pair = driveNames.find((names) => names.includes(key));
  return pair === undefined ? { names: [key] } : { names: pair, firstOf: pair[0] };
}

/** All properties of an option. A key alone is `on`, or, where it begins with `no`, the rest of it is `off`. */
function readAll({ head, props }: PropertyOption, { grammar, impliedKey }: PropertySyntax): ReadProperty[] {
  const first =
    head === undefined ? [] : [{ name: impliedKey ?? head, value: impliedKey ? head : "on", at: -1 }];
  return [
    ...first,
    ...props.map(([name, value], at) => {
      if (value !== null) return { name, value, at };
      return grammar === "options" && name.startsWith("no")
        ? { name: name.slice(2), value: "off", at }
        : { name, value: "on", at };
    }),
  ];
}

/** net/net.c, netdev_is_modern: these types are read with keyval.c. */
function isModernNetdev(option: PropertyOption): boolean {
  if (option.flag !== "netdev") return false;
  const type = option.props.findLast(([name]) => name === "type")?.[1] ?? option.head;
  return type === "stream" || type === "dgram";
}

/** target/i386/cpu.c: `_` is `-`, and `+name` is on, `-name` off, whatever `name=` says; of these two `-name` wins. */
function readCpuProperty({ head, props }: PropertyOption, key: string): ReadProperty[] {
  if (key === "model") return head === undefined ? [] : [{ name: key, value: head, at: -1 }];
  const wanted = key.replaceAll("_", "-");
  const read = props.flatMap(([text, value], at) => {
    const isSwitch = value === null && /^[+-]/.test(text);
    const name = (isSwitch ? text.slice(1) : text).replaceAll("_", "-");
    if (name !== wanted) return [];
    const rank = isSwitch ? "+-".indexOf(text.charAt(0)) + 1 : 0;
    return [{ name, value: rank === 2 ? "off" : (value ?? "on"), at, rank }];
  });
  return read.toSorted((one, other) => one.rank - other.rank);
}

function negate(value: string): string {
  return isOn(value) ? "off" : "on";
}
