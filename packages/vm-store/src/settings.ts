import { join, isAbsolute, resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { parseKernelParameters } from "@vm/qemu-argv";
import { readCaught } from "./caught-error.js";
import { checkMemory } from "./machine-size.js";
import { describeType, suggestion } from "./wording.js";

/** What a run has where neither the command line nor a VM's own configuration says it. Paths are absolute. */
export interface RunDefaults {
  /** CPUs of embedded guests. */
  readonly cpus?: number;
  /** Their memory, as QEMU writes it. */
  readonly memory?: string;
  /** More kernel parameters of every kernel of the host that is booted. */
  readonly parameters?: readonly string[];
  /** How `git:REVISION` is configured. */
  readonly fragments?: readonly string[];
  /** Directories that embedded guests may write to. */
  readonly rw?: readonly string[];
  /** Complaints of the kernel that are failures of a command. */
  readonly failOn?: readonly string[];
  /** When a command's run is ended, and when one whose command has not begun; milliseconds. */
  readonly timeoutMs?: number;
  readonly bootTimeoutMs?: number | "none";
}

/** What only the person's own file may say: it is about this machine, and about what guests may see of it. */
export interface OwnSettings {
  /** The directory that holds the VMs. */
  readonly home?: string;
  /** The directory in which `vm run -k NAME` looks for a build tree of that name. */
  readonly builds?: string;
  /** The network of embedded guests, where `--network` does not say it. */
  readonly network?: (typeof networks)[number];
  /** What guests must not see of this host, beside what is hidden from them anyway. */
  readonly hide?: readonly string[];
  /** What is not hidden from them. */
  readonly expose?: readonly string[];
  /** How much the cache may keep, as QEMU writes sizes (`20G`), or `none`. */
  readonly cacheLimit?: string;
}

type Settings = OwnSettings & RunDefaults;

/** Whose file it is: the person's `config.json`, or a tree's `vm.config.json`. */
export type SettingsScope = "tree" | "user";

const networks = ["none", "user", "isolated"] as const;

/** The JSON schema of a value, and how one is read. @throws a reason, as a text, where it is none */
interface Setting {
  readonly scope: "both" | "user";
  /** Its name in `Settings`, where that has the unit. */
  readonly field?: keyof Settings;
  readonly schema: Readonly<Record<string, unknown>>;
  read(value: unknown, name: string, place: Place): unknown;
}

interface Place {
  /** What `~` is. */
  readonly home: string;
  /** What a relative path is relative to; undefined: it has to be absolute. */
  readonly directory?: string;
}

const texts = { type: "array", items: { type: "string" } } as const;
const anyPath = "An absolute path, or one that begins with ~/.";

/** Every key that a file may have. */
const settings: Readonly<Record<string, Setting>> = {
  home: {
    scope: "user",
    schema: { type: "string", description: `Where the virtual machines are. ${anyPath}` },
    read: readPath,
  },
  builds: {
    scope: "user",
    schema: { type: "string", description: `Where -k NAME is looked for. ${anyPath}` },
    read: readPath,
  },
  network: {
    scope: "user",
    schema: { enum: networks, description: "The network of embedded guests." },
    read: (value, name) => oneOf(networks, value, name),
  },
  hide: {
    scope: "user",
    schema: { ...texts, description: "What guests must not see of this machine besides." },
    read: readPaths,
  },
  expose: {
    scope: "user",
    schema: { ...texts, description: "What is not hidden from guests." },
    read: readPaths,
  },
  cacheLimit: {
    scope: "user",
    schema: { type: "string", description: 'How much the cache may keep: "20G", or "none".' },
    read: (value, name) =>
      matching(/^(?:none|\d+(?:\.\d+)?[bkmgtpe]?)$/i, 'a size such as "20G", or "none"', value, name),
  },
  cpus: {
    scope: "both",
    schema: { type: "integer", minimum: 1, maximum: 999_999, description: "CPUs of embedded guests." },
    read(value, name) {
      if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 999_999)
        return value;
      throw fault(name, "a number from 1 on", value);
    },
  },
  memory: {
    scope: "both",
    schema: { type: "string", description: 'Memory of embedded guests, as QEMU writes it: "2G".' },
    read(value, name) {
      if (typeof value !== "string") throw fault(name, "a string", value);
      try {
        checkMemory(value);
      } catch {
        throw fault(name, 'an amount of memory such as "2G"', value);
      }
      return value;
    },
  },
  parameters: {
    scope: "both",
    schema: { ...texts, description: "More kernel parameters." },
    read: (value, name) =>
      list(value, name, "kernel parameters").map((each, index) => {
        const place = `${name}[${index}]`;
        if (typeof each !== "string") throw fault(place, "a string", each);
        try {
          parseKernelParameters(each);
        } catch {
          throw fault(place, 'a kernel parameter with closed quotes and no "--"', each);
        }
        return each;
      }),
  },
  fragments: {
    scope: "both",
    schema: { ...texts, description: "How git:REVISION is configured: names, or paths with a slash." },
    read: (value, name, place) =>
      list(value, name, "fragments").map((each, index) => {
        if (typeof each !== "string" || each === "" || each.includes(","))
          throw fault(`${name}[${index}]`, "the name of a fragment, or a path", each);
        return each.includes("/") ? readPath(each, `${name}[${index}]`, place) : each;
      }),
  },
  rw: {
    scope: "both",
    schema: {
      ...texts,
      description: "Directories that embedded guests may write to; of a tree's file below that tree.",
    },
    read: readPaths,
  },
  failOn: {
    scope: "both",
    schema: { ...texts, description: "Complaints of the kernel that are failures, as --fail-on has them." },
    read: (value, name) =>
      list(value, name, "complaints").map((each, index) =>
        matching(/^[a-z]+$/, "a complaint such as kasan", each, `${name}[${index}]`),
      ),
  },
  timeout: {
    scope: "both",
    field: "timeoutMs",
    schema: { type: "string", description: 'When the run of a command is ended: "90s", "5m", "1h".' },
    read: readDuration,
  },
  bootTimeout: {
    scope: "both",
    field: "bootTimeoutMs",
    schema: { type: "string", description: 'The same where the command has not begun; or "none".' },
    read: (value, name) => (value === "none" ? value : readDuration(value, name)),
  },
};

/** Reads the settings of a file. @throws `code`, with the file and the key */
export function readSettings({
  file,
  text,
  scope,
  code,
  ...place
}: Place & {
  readonly file: string;
  readonly text: string;
  readonly scope: SettingsScope;
  readonly code: string;
}): Settings {
  const invalid = (reason: string, hint?: string, cause?: unknown): Error =>
    codedError(code, `${file}: ${reason}`, {
      ...(hint === undefined ? {} : { hint }),
      ...(cause === undefined ? {} : { cause }),
    });
  const example =
    scope === "user" ? 'Write for example {"home": "~/vms"}.' : 'Write for example {"memory": "2G"}.';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(`not valid JSON: ${readCaught(cause).message}`, example, cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`expected an object, got ${describeType(value)}`, example);
  }
  const known = keysOf(scope);
  const read: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    // An editor finds the schema by it.
    if (key === "$schema") continue;
    const setting = Object.hasOwn(settings, key) ? settings[key] : undefined;
    if (setting === undefined) {
      throw invalid(
        `unknown key ${JSON.stringify(key)}`,
        suggestion(key, known) ?? `Known keys: ${known.join(", ")}.`,
      );
    }
    if (!known.includes(key)) {
      throw invalid(
        `${key} is for a person's own config.json alone`,
        "It is about this machine, and what guests may see of it: no tree can say that.",
      );
    }
    try {
      read[setting.field ?? key] = setting.read(entry, key, place);
    } catch (error) {
      throw error instanceof ValueFault ? invalid(error.message) : error;
    }
  }
  return read;
}

/** The JSON schema of a file. */
export function settingsSchema(scope: SettingsScope): Readonly<Record<string, unknown>> {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: scope === "user" ? "config.json of vm" : "vm.config.json",
    type: "object",
    additionalProperties: false,
    properties: {
      $schema: { type: "string" },
      ...Object.fromEntries(keysOf(scope).map((key) => [key, settings[key]?.schema])),
    },
  };
}

function keysOf(scope: SettingsScope): string[] {
  return Object.keys(settings).filter((key) => scope === "user" || settings[key]?.scope === "both");
}

/** What is wrong with a value; the reader knows the file. */
class ValueFault extends Error {}

function fault(name: string, expected: string, value: unknown): Error {
  const got = ["string", "number", "boolean"].includes(typeof value)
    ? JSON.stringify(value)
    : describeType(value);
  return new ValueFault(
    `${name}: expected ${expected}, got ${expected === "a string" ? describeType(value) : got}`,
  );
}

function readPath(value: unknown, name: string, { home, directory }: Place): string {
  if (typeof value !== "string") throw fault(name, "a string", value);
  const path = value === "~" || value.startsWith("~/") ? join(home, value.slice(1)) : value;
  const isRight = !path.includes("\0") && path !== "" && (isAbsolute(path) || directory !== undefined);
  if (isRight) return resolve(directory ?? "/", path);
  throw fault(name, "an absolute path or one that begins with ~/", value);
}

function readPaths(value: unknown, name: string, place: Place): string[] {
  return list(value, name, "paths").map((each, index) => readPath(each, `${name}[${index}]`, place));
}

function list(value: unknown, name: string, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ValueFault(`${name}: expected a list of ${what}, got ${describeType(value)}`);
}

function oneOf<const Name extends string>(names: readonly Name[], value: unknown, name: string): Name {
  if (typeof value !== "string") throw fault(name, "a string", value);
  const known = names.find((each) => each === value);
  if (known !== undefined) return known;
  throw fault(name, names.join(", "), value);
}

function matching(pattern: RegExp, expected: string, value: unknown, name: string): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw fault(name, expected, value);
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

function readDuration(value: unknown, name: string): number {
  const [, number, unit = ""] =
    typeof value === "string" ? (/^(\d+(?:\.\d+)?)([smh])$/.exec(value) ?? []) : [];
  const ms = Number(number) * (unitMs[unit] ?? Number.NaN);
  if (ms > 0 && ms <= 0x7fff_ffff) return ms;
  throw fault(name, 'a time such as "90s" or "5m"', value);
}
