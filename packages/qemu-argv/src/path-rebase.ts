import { isOn } from "./boolean-text.js";
import { rebaseBlockProperty, rebaseImage } from "./block-path.js";
import { rebaseCharacterDevice, rebaseGuestForward, rebaseSocketTarget } from "./character-device-path.js";
import { flagName, flagSyntax, plainPropertySyntax } from "./flag-syntax.js";
import { parseJson, renderJson } from "./json-text.js";
import type { Property, PropertyOption, QemuOption, ValueOption } from "./option.js";
import { optionJson } from "./option-query.js";
import { liftJson } from "./parse-argv.js";
import { lookupIn, rebaseMembers, type Lookup, type RebasePath } from "./path-lookup.js";
import { propertyPlaces, shippedFirmware, typedPlaces, valuePlaces, type PathKind } from "./path-places.js";
import { parsePropertyList, renderPropertyList } from "./property-list.js";
import { readProperty } from "./property-reading.js";
import { qemuArgvError } from "./qemu-argv-error.js";

/** How to rebase the names that only a look at the disk decides. */
export interface RebaseSettings {
  /**
   * Whether a file of this absolute path exists. A name alone of firmware (`-bios OVMF.fd`, `romfile=`) QEMU takes from the
   * working directory, and else from its own data directories. Absent: all are of the working directory, but those that QEMU itself has.
   */
  readonly exists?: (path: string) => boolean;
}

/**
 * Makes the relative paths of options absolute: those were meant from `directory` (absolute), and QEMU will run elsewhere.
 * Absolute paths, and what is no path of this host (`nbd://host`, the path of a -blockdev over ssh, names of nodes) stay as they are. Files
 * named inside other files and in commands (`-incoming exec:`) are not found, nor are those of flags and properties not known here.
 *
 * @throws `QEMU_OPTION_UNWRITABLE` where QEMU has no way to write the absolute path: a directory with a colon for `fat:`
 */
export function rebasePaths(
  options: readonly QemuOption[],
  directory: string,
  { exists }: RebaseSettings = {},
): QemuOption[] {
  const base = directory.endsWith("/") ? directory : `${directory}/`;
  const rebase: RebasePath = (path) => (path === "" || path.startsWith("/") ? path : base + path);
  const rebaseData: RebasePath = (name) => {
    const stays = exists === undefined ? shippedFirmware.test(name) : !exists(base + name);
    return !name.includes("/") && stays ? name : rebase(name);
  };
  const rebaseAs = (kind: PathKind, value: string): string => {
    switch (kind) {
      case "file":
        return rebase(value);
      case "data":
        return rebaseData(value);
      case "program":
        return /^[^\s]*\/[^\s]*$/.test(value) ? rebase(value) : value;
      case "script":
        return value === "no" ? value : rebase(value);
      case "image":
        return rebaseImage(value, rebase);
      case "files":
        return value.split(":").map(rebaseInList(rebase)).join(":");
      case "bus-address":
        return value.replaceAll(
          /((?:^|;)unix:(?:[^;]*,)?path=)([^;,]+)/g,
          (_, key: string, path: string) => key + rebase(path),
        );
      case "character-device":
        return rebaseCharacterDevice(value, rebase);
      case "guest-forward":
        return rebaseGuestForward(value, rebase);
      case "vnc":
        return rebaseSocketTarget(value, rebase);
      default:
        return kind satisfies never;
    }
  };
  const rebaseProperty = (flag: string, key: string, value: string, get: Lookup): string => {
    if (flag === "drive" || flag === "blockdev") {
      if (flag === "drive" && key === "file") return rebaseImage(value, rebase);
      return rebaseBlockProperty({ key, value, get, rebase });
    }
    if (isSocketPath(flag, key, get)) return rebase(value);
    const kind = kindOf(flag, key, get);
    return kind === undefined ? value : rebaseAs(kind, value);
  };
  return options.map((option) => {
    if ("image" in option) return { ...option, image: rebaseAs("image", option.image) };
    const flag = flagName(option.flag);
    const json = optionJson(option);
    if (json !== undefined) {
      const rebased = rebaseMembers(json, (key, value) => rebaseProperty(flag, key, value, lookupIn(json)));
      const text = renderJson(rebased);
      return text === renderJson(json)
        ? option
        : { flag: option.flag, ...dashesOf(option), ...liftJson(text) };
    }
    if ("value" in option) {
      const value = rebaseValue(option, rebaseAs, rebaseProperty);
      return value === option.value ? option : { ...option, value };
    }
    return "props" in option ? rebasePropertyOption(option, rebaseProperty) : option;
  });
}

type RebaseAs = (kind: PathKind, value: string) => string;
type RebaseProperty = (flag: string, key: string, value: string, get: Lookup) => string;

function rebaseInList(rebase: RebasePath): RebasePath {
  return (path) => {
    const rebased = rebase(path);
    if (!rebased.includes(":")) return rebased;
    throw qemuArgvError(
      "QEMU_OPTION_UNWRITABLE",
      `-acpitable: the path "${rebased}" holds a colon, which QEMU takes for the end of a file's name.`,
      "Use a directory without a colon in its name.",
    );
  };
}

function kindOf(flag: string, key: string, get: Lookup): PathKind | undefined {
  const impliedKey = impliedKeyOf(flag);
  const type = impliedKey === undefined ? undefined : get(impliedKey);
  const typed = type === undefined ? undefined : own(own(typedPlaces, flag), type);
  if (flag === "chardev" && key === "path" && isOn(get("abstract"))) return undefined;
  return own(typed, key) ?? own(own(propertyPlaces, flag), key);
}

function own<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** The address of a Unix socket: `addr.type=unix,addr.path=` of -netdev, `unix=on,addr=` of -spice, `{"type":"unix","path":...}`. */
function isSocketPath(flag: string, key: string, get: Lookup): boolean {
  if (flag === "spice") return key === "addr" && isOn(get("unix"));
  const [, prefix] = /^(.+\.)path$/.exec(key) ?? [];
  return prefix !== undefined && get(`${prefix}type`) === "unix" && !isOn(get(`${prefix}abstract`));
}

function impliedKeyOf(flag: string): string | undefined {
  const syntax = flagSyntax(flag);
  return syntax?.kind === "properties" ? syntax.impliedKey : undefined;
}

function rebasePropertyOption(option: PropertyOption, rebaseProperty: RebaseProperty): QemuOption {
  const flag = flagName(option.flag);
  const get: Lookup = (key) => readProperty(option, key).at(-1)?.value;
  const { head } = option;
  const impliedKey = impliedKeyOf(flag);
  const change = (key: string, value: string): string =>
    rebaseProperty(flag, flag === "machine" ? key.replaceAll("_", "-") : key, value, get);
  return {
    ...option,
    ...(head === undefined || impliedKey === undefined ? {} : { head: change(impliedKey, head) }),
    props: option.props.map(([key, value]): Property => [key, value === null ? value : change(key, value)]),
  };
}

/** Words that these flags do not take for a path. */
const noPaths: Readonly<Record<string, readonly string[]>> = {
  L: ["help", "?"],
  "qtest-log": ["none"],
  writeconfig: ["-"],
};

function rebaseValue(option: ValueOption, rebaseAs: RebaseAs, rebaseProperty: RebaseProperty): string {
  const { flag, value } = option;
  if (flag === "set")
    return rebaseSetting(/^([^.]+)\.[^.]+\.([^=]+)=(.*)$/s.exec(value), value, rebaseProperty);
  if (flag === "global") return rebaseGlobal(value, rebaseProperty);
  if (flag === "incoming") return rebaseIncoming(value, rebaseAs, rebaseProperty);
  const kind = own(valuePlaces, flag);
  const isNoPath = own(noPaths, flag)?.includes(value) === true;
  return kind === undefined || isNoPath ? value : rebaseAs(kind, value);
}

/** `-set drive.disk.file=a.img`: the text after the `=` is the value, commas and all. */
function rebaseSetting(match: RegExpExecArray | null, text: string, rebaseProperty: RebaseProperty): string {
  const [, group, key, value] = match ?? [];
  if (group === undefined || key === undefined || value === undefined) return text;
  const get: Lookup = (name) => (name === key ? value : undefined);
  return text.slice(0, text.length - value.length) + rebaseProperty(group, key, value, get);
}

/** `-global e1000.romfile=a.rom`, or `-global driver=e1000,property=romfile,value=a.rom`. */
function rebaseGlobal(text: string, rebaseProperty: RebaseProperty): string {
  const [, driver, key, value] = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(text) ?? [];
  if (driver !== undefined && key !== undefined && value !== undefined) {
    const get: Lookup = (name) => (name === "driver" ? driver : undefined);
    return text.slice(0, text.length - value.length) + rebaseProperty("device", key, value, get);
  }
  const list = parsePropertyList(text, plainPropertySyntax);
  const said = new Map(list.props);
  const property = said.get("property");
  if (typeof property !== "string") return text;
  const get: Lookup = (name) => (name === "driver" ? (said.get("driver") ?? undefined) : undefined);
  const props = list.props.map(([name, given]): Property => [
    name,
    name === "value" && given !== null ? rebaseProperty("device", property, given, get) : given,
  ]);
  return renderPropertyList("global", { props }, plainPropertySyntax);
}

/** migration/migration.c: `unix:PATH`, `file:PATH,offset=0`, and since QEMU 9.2 a channel as properties or JSON. */
function rebaseIncoming(text: string, rebaseAs: RebaseAs, rebaseProperty: RebaseProperty): string {
  const [, kind, path] = /^(unix|file):(.*)$/s.exec(text) ?? [];
  if (kind !== undefined && path !== undefined) return `${kind}:${rebaseAs("file", path)}`;
  const channel: RebaseProperty = (flag, key, value, get) =>
    key === "addr.filename" && get("addr.transport") === "file"
      ? rebaseAs("file", value)
      : rebaseProperty(flag, key, value, get);
  const json = text.startsWith("{") ? parseJson(text) : undefined;
  if (json instanceof Map) {
    const get = lookupIn(json);
    const rebased = renderJson(rebaseMembers(json, (key, value) => channel("incoming", key, value, get)));
    return rebased === renderJson(json) ? text : rebased;
  }
  if (!/^[^:,]*=|^main,/.test(text)) return text;
  const syntax = { ...plainPropertySyntax, grammar: "keyval", impliedKey: "channel-type" } as const;
  const list = parsePropertyList(text, syntax);
  const get: Lookup = (key) => list.props.findLast(([name]) => name === key)?.[1] ?? undefined;
  const props = list.props.map(([key, value]): Property => [
    key,
    value === null ? value : channel("incoming", key, value, get),
  ]);
  return renderPropertyList("incoming", { ...list, props }, syntax);
}

function dashesOf(option: QemuOption): { readonly dashes?: "--" } {
  return "dashes" in option && option.dashes !== undefined ? { dashes: option.dashes } : {};
}
