import { flagName } from "./flag-syntax.js";
import type { JsonValue, Property, QemuOption } from "./option.js";

/** Flags whose plain value is a file. */
const pathFlags: ReadonlySet<string> = new Set(
  "bios cdrom D dtb fda fdb hda hdb hdc hdd initrd kernel mem-path mtdblock pflash pidfile sd shim".split(
    " ",
  ),
);

/** Properties that name a file or a directory, whatever flag they belong to. */
const pathProperties: ReadonlySet<string> = new Set([
  "file",
  "filename",
  "file.filename",
  "backing.file.filename",
  "kernel",
  "initrd",
  "dtb",
  "logfile",
  "mem-path",
  "path",
  "romfile",
  "smb",
  "tftp",
]);

/** `-serial file:log`, `-qmp unix:monitor.sock,server=on`: a kind before the path. */
const characterDeviceFlags: ReadonlySet<string> = new Set([
  "serial",
  "parallel",
  "monitor",
  "qmp",
  "qmp-pretty",
  "gdb",
]);

/**
 * Makes the relative paths of options absolute: those were meant from `directory` (absolute), and QEMU will run elsewhere.
 * Absolute paths, and what is no path (`nbd://host`, `fat:rw:dir`, `/dev/fdset/1`), stay as they are. Files named inside other
 * files, and in properties that are not known to hold a path, are not found.
 */
export function rebasePaths(options: readonly QemuOption[], directory: string): QemuOption[] {
  const base = directory.endsWith("/") ? directory : `${directory}/`;
  const rebase = (path: string): string => (isRelativePath(path) ? base + path : path);
  return options.map((option) => rebaseOption(option, rebase));
}

/** QEMU takes what stands before a colon for a protocol, unless a slash comes first (block.c, path_has_protocol). */
function isRelativePath(path: string): boolean {
  return path !== "" && path !== "-" && !path.startsWith("/") && !/^[^/]*:/.test(path);
}

function rebaseOption(option: QemuOption, rebase: (path: string) => string): QemuOption {
  if ("image" in option) return { ...option, image: rebase(option.image) };
  const flag = flagName(option.flag);
  if ("json" in option) return { ...option, json: rebaseJson(option.json, rebase) };
  if ("value" in option) {
    if (pathFlags.has(flag)) return { ...option, value: rebase(option.value) };
    if (characterDeviceFlags.has(flag))
      return { ...option, value: rebaseCharacterDevice(option.value, rebase) };
    return option;
  }
  if (!("props" in option)) return option;
  const props = option.props.map(([key, value]): Property => [
    key,
    value !== null && pathProperties.has(key) ? rebase(value) : value,
  ]);
  return { ...option, props };
}

function rebaseCharacterDevice(value: string, rebase: (path: string) => string): string {
  const [, kind, path, rest] = /^(file|pipe|unix):([^,]*)(.*)$/s.exec(value) ?? [];
  return kind === undefined || path === undefined ? value : `${kind}:${rebase(path)}${rest ?? ""}`;
}

function rebaseJson<T extends JsonValue>(json: T, rebase: (path: string) => string): T;
function rebaseJson(json: JsonValue, rebase: (path: string) => string): JsonValue {
  if (Array.isArray(json)) return json.map((item: JsonValue) => rebaseJson(item, rebase));
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      typeof value === "string" && pathProperties.has(key) ? rebase(value) : rebaseJson(value, rebase),
    ]),
  );
}
