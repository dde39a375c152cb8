import { hostArchitecture } from "@vm/qemu-argv";
import { loadConfig, readUserConfig, resolveVmHome } from "@vm/vm-store";
import type { CommandContext } from "../command-module.js";
import type { RunOptions } from "./run-options.js";

/** The same options with `--arch` of the VM that `git:REVISION` is built for, where nothing else says it. */
export async function withGitArch(
  options: RunOptions,
  name: string | undefined,
  { env }: CommandContext,
): Promise<RunOptions> {
  const { kernel, arch } = options;
  if (name === undefined || kernel?.startsWith("git:") !== true) return options;
  if (arch !== undefined || (env["ARCH"] ?? "") !== "") return options;
  const config = await loadConfig({
    home: resolveVmHome({ env, userConfig: readUserConfig({ env }) }),
    name,
  });
  if (config.arch === undefined || config.arch === hostArchitecture(process.arch)) return options;
  return { ...options, arch: config.arch };
}
