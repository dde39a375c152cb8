import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { foreignOwner, foreignWriter, readRegularText } from "@vm/host-files";
import { readCaught } from "./caught-error.js";
import { describeType, suggestion } from "./wording.js";

/** What `$XDG_CONFIG_HOME/vm/config.json` may hold. Paths are absolute: `~/` is already expanded. */
export interface UserConfig {
  /** The directory that holds the VMs. */
  readonly home?: string;
  /** The directory in which `vm run -k NAME` looks for a build tree of that name. */
  readonly builds?: string;
  /** The network of embedded guests, where `--network` does not say it. */
  readonly network?: (typeof NETWORKS)[number];
  /** What guests must not see of this host, beside what is hidden from them anyway. */
  readonly hide?: readonly string[];
  /** What is not hidden from them. */
  readonly expose?: readonly string[];
  /** How much the cache may keep, as QEMU writes sizes (`20G`), or `none`. */
  readonly cacheLimit?: string;
}

/** The variables of the environment, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const PATHS = ["home", "builds"] as const;
const PATH_LISTS = ["hide", "expose"] as const;
const NETWORKS = ["none", "user", "isolated"] as const;
const KEYS: readonly string[] = [...PATHS, "network", ...PATH_LISTS, "cacheLimit"];

/**
 * Reads the person's configuration; a missing file is an empty one.
 * @throws USER_CONFIG_INVALID, USER_CONFIG_UNREADABLE, USER_CONFIG_UNTRUSTED
 */
export function readUserConfig({ env }: { readonly env: Environment }): UserConfig {
  const file = userConfigFile(env);
  let text: string;
  let owner: number | undefined;
  try {
    owner = foreignOwner(file, env);
    text = readRegularText(file);
  } catch (cause) {
    const { code, message } = readCaught(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return {};
    throw codedError("USER_CONFIG_UNREADABLE", `${file}: cannot be read: ${message}`, { cause });
  }
  if (owner !== undefined) {
    throw codedError("USER_CONFIG_UNTRUSTED", `${file} belongs to another user (uid ${owner})`, {
      hint: "It says where virtual machines and kernels are taken from. XDG_CONFIG_HOME names another place.",
    });
  }
  if (foreignWriter(file, env) !== undefined) {
    throw codedError("USER_CONFIG_UNTRUSTED", `other users can write to ${file}`, {
      hint: `It says where virtual machines and kernels are taken from. chmod go-w ${file}`,
    });
  }
  return checkUserConfig({ file, text, env });
}

/**
 * The directory that holds the VMs, absolute: `VM_HOME`, else `home` of the person's configuration, else `~/linux/vm`.
 * A relative `VM_HOME` is relative to where the person stands.
 */
export function resolveVmHome({
  env,
  userConfig,
}: {
  readonly env: Environment;
  readonly userConfig: UserConfig;
}): string {
  if (env["VM_HOME"]) return resolve(env["VM_HOME"]);
  return userConfig.home ?? join(homeOf(env), "linux/vm");
}

/** The XDG base directory specification: a relative `XDG_CONFIG_HOME` is invalid and is to be ignored. */
function userConfigFile(env: Environment): string {
  const base = env["XDG_CONFIG_HOME"];
  return join(base && isAbsolute(base) ? base : join(homeOf(env), ".config"), "vm/config.json");
}

function homeOf(env: Environment): string {
  return env["HOME"] || homedir();
}

function checkUserConfig({
  file,
  text,
  env,
}: {
  readonly file: string;
  readonly text: string;
  readonly env: Environment;
}): UserConfig {
  const invalid = (reason: string, hint?: string, cause?: unknown): Error =>
    codedError("USER_CONFIG_INVALID", `${file}: ${reason}`, {
      ...(hint === undefined ? {} : { hint }),
      ...(cause === undefined ? {} : { cause }),
    });

  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(
      `not valid JSON: ${readCaught(cause).message}`,
      'Write for example {"home": "~/vms"}.',
      cause,
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`expected an object, got ${describeType(value)}`, 'Write for example {"home": "~/vms"}.');
  }

  const absolute = (name: string, entry: unknown): string => {
    if (typeof entry !== "string") throw invalid(`${name}: expected a string, got ${describeType(entry)}`);
    const path = entry === "~" || entry.startsWith("~/") ? join(homeOf(env), entry.slice(1)) : entry;
    if (isAbsolute(path) && !path.includes("\0")) return resolve(path);
    throw invalid(
      `${name}: expected an absolute path or one that begins with ~/, got ${JSON.stringify(entry)}`,
    );
  };
  const pathList = (name: string, entry: unknown): string[] => {
    if (!Array.isArray(entry)) throw invalid(`${name}: expected a list of paths, got ${describeType(entry)}`);
    return entry.map((each, index) => absolute(`${name}[${index}]`, each));
  };
  const network = (entry: unknown): (typeof NETWORKS)[number] => {
    if (typeof entry !== "string") throw invalid(`network: expected a string, got ${describeType(entry)}`);
    const known = NETWORKS.find((name) => name === entry);
    if (known !== undefined) return known;
    throw invalid(`network: expected ${NETWORKS.join(", ")}, got ${JSON.stringify(entry)}`);
  };
  const size = (entry: unknown): string => {
    if (typeof entry === "string" && /^(?:none|\d+(?:\.\d+)?[bkmgtpe]?)$/i.test(entry)) return entry;
    throw invalid(`cacheLimit: expected a size such as "20G", or "none", got ${JSON.stringify(entry)}`);
  };
  const config: { -readonly [key in keyof UserConfig]: UserConfig[key] } = {};
  for (const [key, entry] of Object.entries(value)) {
    const path = PATHS.find((name) => name === key);
    const list = PATH_LISTS.find((name) => name === key);
    if (path !== undefined) config[path] = absolute(key, entry);
    else if (list !== undefined) config[list] = pathList(list, entry);
    else if (key === "network") config.network = network(entry);
    else if (key === "cacheLimit") config.cacheLimit = size(entry);
    else {
      throw invalid(
        `unknown key ${JSON.stringify(key)}`,
        suggestion(key, KEYS) ?? `Known keys: ${KEYS.join(", ")}.`,
      );
    }
  }
  return config;
}
