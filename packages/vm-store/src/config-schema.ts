import type { JsonValue, Property, QemuOption } from "@vm/qemu-argv";
import { architectureNamed, parseArgv, parseKernelParameters } from "@vm/qemu-argv";
import { codedError } from "@vm/command-plan";
import { readCaught } from "./caught-error.js";
import { describeType, suggestion } from "./wording.js";

/** What a config module exports, checked and with its arrays of strings lifted to data. */
export interface ConfigExports {
  readonly qemuOptions: QemuOption[];
  readonly kernelCmdline: string[];
  /** QEMU's name of the guest's architecture, the X of qemu-system-X: `x86_64`, `aarch64`. */
  readonly arch?: string;
}

export const EXPORT_NAMES = ["qemuOptions", "kernelCmdline", "arch"] as const;

const OPTION_KEYS = ["flag", "dashes", "value", "head", "props", "json", "image"] as const;

/**
 * Checks what a config module exports. `label` is how errors name the module: `TestVM/vm.mjs`.
 * @throws CONFIG_INVALID, naming the file, the key, what was expected and what was found; KERNEL_CMDLINE_INVALID for parameters
 *   that would swallow those which follow
 */
export function checkConfigExports(exports: Readonly<Record<string, unknown>>, label: string): ConfigExports {
  const at = { label, key: "" } satisfies Place;
  for (const name of Object.keys(exports)) {
    if (!EXPORT_NAMES.some((known) => known === name)) {
      fail(
        at,
        `unknown export ${JSON.stringify(name)}`,
        suggestion(name, EXPORT_NAMES) ?? `Known exports: ${EXPORT_NAMES.join(", ")}.`,
      );
    }
  }
  const qemuOptions = readList(exports, "qemuOptions", at).flatMap(readOption);
  const kernelCmdline = readList(exports, "kernelCmdline", at).map(readParameters);
  const { arch } = exports;
  if (arch === undefined) return { qemuOptions, kernelCmdline };
  const name = readString([arch, inside(at, "arch")]);
  if (!/^[a-z0-9_]+$/.test(name)) {
    fail(
      inside(at, "arch"),
      `expected a name of qemu-system-*, such as "x86_64", got ${JSON.stringify(name)}`,
    );
  }
  return { qemuOptions, kernelCmdline, arch: architectureNamed(name)?.name ?? name };
}

/** Where in the module a value stands. Its name is put together for a complaint alone: each word of a configuration has a place. */
interface Place {
  /** The module's. */
  readonly label: string;
  readonly outer?: Place;
  readonly key: string | number;
}

type Found = readonly [value: unknown, place: Place];

function inside(outer: Place, key: string | number): Place {
  return { label: outer.label, outer, key };
}

/** `qemuOptions[2].props[0]`; the module itself is nothing. */
function pathOf({ outer, key }: Place): string {
  const path = outer === undefined ? "" : pathOf(outer);
  if (typeof key === "number") return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

function fail(at: Place, reason: string, hint?: string, cause?: unknown, code = "CONFIG_INVALID"): never {
  const path = pathOf(at);
  const message = path === "" ? `${at.label}: ${reason}` : `${at.label}: ${path}: ${reason}`;
  throw codedError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}

function readList(exports: Readonly<Record<string, unknown>>, name: string, at: Place): Found[] {
  if (!(name in exports)) fail(at, `does not export ${name}`, `Add: export const ${name} = [];`);
  return readArray([exports[name], inside(at, name)]);
}

function readArray([value, at]: Found): Found[] {
  if (!Array.isArray(value)) return fail(at, `expected an array, got ${describeType(value)}`);
  return Array.from(value as readonly unknown[], (item, index) => [item, inside(at, index)] as const);
}

function readString([value, at]: Found): string {
  if (typeof value !== "string") return fail(at, `expected a string, got ${describeType(value)}`);
  if (value.includes("\0"))
    return fail(at, "expected text, got a string with a NUL character, which no argument can hold");
  return value;
}

/** One or more kernel parameters, as a person writes them. */
function readParameters([value, at]: Found): string {
  const text = readString([value, at]);
  try {
    parseKernelParameters(text);
  } catch (cause) {
    const { message, hint } = readCaught(cause);
    return fail(at, message, hint, cause, "KERNEL_CMDLINE_INVALID");
  }
  return text;
}

function readOption([value, at]: Found): QemuOption[] {
  if (Array.isArray(value)) return liftStrings([value, at]);
  if (!isRecord(value)) {
    return fail(
      at,
      `expected an array of strings or an option object, got ${describeType(value)}`,
      typeof value === "string" ? `Write it as an array: ${JSON.stringify(value.split(" "))}.` : undefined,
    );
  }
  return [readOptionObject(value, at)];
}

function liftStrings([value, at]: Found): QemuOption[] {
  const argv = readArray([value, at]).map(readString);
  if (argv.length === 0) fail(at, "expected at least one string, got an empty array");
  try {
    return [...parseArgv(argv)];
  } catch (cause) {
    const { message, hint } = readCaught(cause);
    return fail(at, message, hint, cause);
  }
}

function readOptionObject(object: Readonly<Record<string, unknown>>, at: Place): QemuOption {
  for (const key of Object.keys(object)) {
    if (!OPTION_KEYS.some((known) => known === key)) {
      fail(
        at,
        `unknown key ${JSON.stringify(key)}`,
        suggestion(key, OPTION_KEYS) ?? `Known keys: ${OPTION_KEYS.join(", ")}.`,
      );
    }
  }
  const field = (key: string): Found => [object[key], inside(at, key)];
  const only = (...allowed: readonly string[]): void => {
    const extra = Object.keys(object).find((key) => !allowed.includes(key));
    if (extra !== undefined)
      fail(at, `${JSON.stringify(extra)} cannot stand beside ${JSON.stringify(allowed.at(-1))}`);
  };

  if ("image" in object) {
    only("image");
    return { image: readString(field("image")) };
  }
  const flag = { flag: readFlag(field("flag")), ...readDashes(object, at) };
  if ("json" in object) {
    only("flag", "dashes", "json");
    return { ...flag, json: readJsonObject(field("json")) };
  }
  if ("value" in object) {
    only("flag", "dashes", "value");
    return { ...flag, value: readString(field("value")) };
  }
  if ("props" in object || "head" in object) {
    const head = "head" in object ? { head: readString(field("head")) } : {};
    const props = "props" in object ? readArray(field("props")).map(readProperty) : [];
    return { ...flag, ...head, props };
  }
  return flag;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readFlag(found: Found): string {
  const flag = readString(found);
  if (!/^[A-Za-z0-9]/.test(flag)) {
    fail(found[1], `expected a flag with no dash, such as "smp", got ${JSON.stringify(flag)}`);
  }
  return flag;
}

function readDashes(object: Readonly<Record<string, unknown>>, at: Place): { dashes?: "--" } {
  const { dashes } = object;
  if (dashes === undefined) return {};
  if (dashes !== "--")
    return fail(inside(at, "dashes"), `expected "--" or nothing, got ${JSON.stringify(dashes)}`);
  return { dashes };
}

function readProperty([pair, at]: Found): Property {
  const [key, value, ...rest] = readArray([pair, at]);
  if (key === undefined || value === undefined || rest.length > 0) {
    return fail(
      at,
      'expected a pair such as ["id", "rng0"], or ["readonly", null] for a key that stands alone',
    );
  }
  return [readString(key), value[0] === null ? null : readString(value)];
}

function readJsonObject([value, at]: Found): { readonly [key: string]: JsonValue } {
  if (!isRecord(value)) {
    return fail(at, `expected an object, got ${describeType(value)}`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, readJson([item, inside(at, key)])]),
  );
}

function readJson([value, at]: Found): JsonValue {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return readString([value, at]);
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return readArray([value, at]).map(readJson);
  if (typeof value === "object") return readJsonObject([value, at]);
  return fail(at, `expected a value that JSON can hold, got ${describeType(value)}`);
}
