import { flagName, flagSyntax, plainPropertySyntax, type PropertySyntax } from "./flag-syntax.js";
import type { PropertyOption } from "./option.js";

/** A property as QEMU reads it from one element of an option. */
export interface ReadProperty {
  readonly name: string;
  readonly value: string;
  /** Its place in `props`; -1 is the head. */
  readonly at: number;
}

/** The names that QEMU takes for one property, and whether each says the opposite of the first. */
interface Names {
  readonly names: readonly string[];
  readonly opposite?: string;
}

/** blockdev.c, drive_new: another name of a property of -drive, and its own. */
const driveNames: readonly (readonly [string, string])[] = [
  ["readonly", "read-only"],
  ["format", "driver"],
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
 * All that an option says of one property, in QEMU's order: the last counts. For `id` the first does, where QEMU reads options
 * with util/qemu-option.c; here it then is the only one.
 */
export function readProperty(option: PropertyOption, key: string): ReadProperty[] {
  const flag = flagName(option.flag);
  const known = flagSyntax(option.flag);
  const syntax = known?.kind === "properties" ? known : plainPropertySyntax;
  if (syntax.grammar === "cpu") return readCpuProperty(option, key);
  const { names, opposite } = namesOf(flag, key);
  const read = readAll(option, syntax).flatMap((property) => {
    const name = flag === "machine" ? property.name.replaceAll("_", "-") : property.name;
    if (names.includes(name)) return [property];
    return name === opposite ? [{ ...property, value: negate(property.value) }] : [];
  });
  return key === "id" && syntax.grammar === "options" && !isModernNetdev(option) ? read.slice(0, 1) : read;
}

function namesOf(flag: string, key: string): Names {
  // system/vl.c, keyval_dashify.
  if (flag === "machine") return { names: [key.replaceAll("_", "-")] };
  if (flag === "chardev" && key === "nodelay") return { names: [key], opposite: "delay" };
  if (flag === "chardev" && key === "delay") return { names: [key], opposite: "nodelay" };
  const pair = flag === "drive" ? driveNames.find((names) => names.includes(key)) : undefined;
  return { names: pair ?? [key] };
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
  return /^(?:on|yes|true|y)$/.test(value) ? "off" : "on";
}
