import {
  architectureNamed,
  optionProperty,
  parseArgv,
  parseMemoryMiB,
  type Property,
  type QemuOption,
} from "@vm/qemu-argv";
import { CONFIG_FILE } from "../config.js";
import { checkConfigExports, EXPORT_NAMES, type ConfigExports } from "../config-schema.js";
import { imageOf, type NamedImage } from "../image/named-image.js";
import { readLiteralModule, type Literal } from "../literal-module.js";

/** What a configuration says of its machine, in the words of a list. */
export interface MachineFacts {
  readonly arch?: string;
  /** `-smp`'s number of CPUs. */
  readonly cpus?: number;
  readonly memoryMiB?: number;
  /** What `-kernel` names. */
  readonly kernel?: string;
  /** The port of this host that leads to the guest's port 22. */
  readonly sshPort?: number;
  /** Its disks' images, as they are named; media and firmware are none. */
  readonly imageNames: readonly string[];
}

/**
 * What a configuration of literals says of its machine. `program`: it is none, and only running it would tell. `invalid`: it says what none can
 * say. A list has no need of all the checks that a run makes.
 */
export function readMachine(text: string): MachineFacts | "invalid" | "program" {
  // Above its first line a module that `vm create` made differs from all others by its name alone.
  const key = text.replace(LEADING_COMMENTS, "");
  let facts = machines.get(key);
  if (facts === undefined) {
    facts = readLiterals(text);
    if (machines.size < keptMachines) machines.set(key, facts);
  }
  return facts;
}

const LEADING_COMMENTS = /^(?:[ \t]*(?:\/\/[^\n\r\u2028\u2029]*)?\n)*/;

/** Of ten thousand VMs most were made alike: what a text says is found out once. */
const machines = new Map<string, ReturnType<typeof readMachine>>();
const keptMachines = 1000;

function readLiterals(text: string): MachineFacts | "invalid" | "program" {
  const literals = readLiteralModule(text, EXPORT_NAMES);
  if (literals === undefined) return "program";
  try {
    return factsOfAll(factsOfWords(literals["qemuOptions"]) ?? checkedFacts(literals), literals["arch"]);
  } catch {
    return "invalid";
  }
}

/** What a configuration that was loaded says of its machine. */
export function machineFacts({ qemuOptions, arch }: ConfigExports): MachineFacts {
  return factsOfAll(qemuOptions.map(readFacts), arch);
}

function factsOfAll(options: readonly OptionFacts[], arch: Literal | undefined): MachineFacts {
  // Of what stands twice QEMU takes the last.
  const { image: _, ...machine }: OptionFacts = Object.assign({}, ...options);
  return {
    ...(typeof arch === "string" ? { arch: architectureNamed(arch)?.name ?? arch } : {}),
    ...machine,
    imageNames: options.flatMap(({ image }) => (image?.kind === "disk" ? [image.name] : [])),
  };
}

/** Where all options are lists of words, which is nearly always; each such list is looked at once. */
function factsOfWords(options: Literal | undefined): OptionFacts[] | undefined {
  if (!Array.isArray(options)) return undefined;
  const all: OptionFacts[] = [];
  for (const words of options) {
    if (!Array.isArray(words) || words.length === 0) return undefined;
    let key = "";
    for (const word of words) {
      if (typeof word !== "string") return undefined;
      key += `${word}\0`;
    }
    let facts = known.get(key);
    if (facts === undefined) {
      facts = parseArgv(words.map(String)).map(readFacts);
      known.set(key, facts);
    }
    all.push(...facts);
  }
  return all;
}

const known = new Map<string, readonly OptionFacts[]>();

function checkedFacts(literals: Readonly<Record<string, unknown>>): OptionFacts[] {
  return checkConfigExports(literals, CONFIG_FILE).qemuOptions.map(readFacts);
}

interface OptionFacts extends Omit<MachineFacts, "arch" | "imageNames"> {
  readonly image?: NamedImage;
}

function readFacts(option: QemuOption): OptionFacts {
  const image = imageOf(option);
  if (image !== undefined) return { image };
  if (!("flag" in option)) return {};
  switch (option.flag) {
    case "smp": {
      const cpus = textOf(option, "cpus") ?? "";
      return /^[1-9]\d*$/.test(cpus) ? { cpus: Number(cpus) } : {};
    }
    case "m":
      return memoryOf(textOf(option, "size"));
    case "kernel":
      return "value" in option ? { kernel: option.value } : {};
    case "nic":
    case "netdev":
      return "props" in option ? sshPortOf(option.props) : {};
    default:
      return {};
  }
}

/** The whole of it where nothing was taken apart. */
function textOf(option: QemuOption, key: string): string | undefined {
  return "value" in option ? option.value : optionProperty(option, key);
}

function memoryOf(size: string | undefined): OptionFacts {
  try {
    return size === undefined ? {} : { memoryMiB: parseMemoryMiB(size) };
  } catch {
    // QEMU will say so.
    return {};
  }
}

/** `hostfwd=tcp:127.0.0.1:2222-:22`. */
function sshPortOf(props: readonly Property[]): OptionFacts {
  for (const [key, value] of props) {
    const [, port] = key === "hostfwd" ? (/^tcp:[^:]*:(\d+)-[^:]*:22$/.exec(value ?? "") ?? []) : [];
    if (port !== undefined) return { sshPort: Number(port) };
  }
  return {};
}
