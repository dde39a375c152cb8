import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { foreignOwner, foreignWriter, readRegularText } from "@vm/host-files";
import { readCaught } from "./caught-error.js";
import { readSettings, type OwnSettings, type RunDefaults } from "./settings.js";

/** What `$XDG_CONFIG_HOME/vm/config.json` may hold. */
export interface UserConfig extends OwnSettings, RunDefaults {}

/** The variables of the environment, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

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
  return readSettings({ file, text, scope: "user", code: "USER_CONFIG_INVALID", home: homeOf(env) });
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

/** Where the person's configuration is, or would be. The XDG base directory specification: a relative `XDG_CONFIG_HOME` is invalid and is to be ignored. */
export function userConfigFile(env: Environment): string {
  const base = env["XDG_CONFIG_HOME"];
  return join(base && isAbsolute(base) ? base : join(homeOf(env), ".config"), "vm/config.json");
}

export function homeOf(env: Environment): string {
  return env["HOME"] || homedir();
}
