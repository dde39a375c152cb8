import type { Host } from "../host.js";
import type { InstalledSelftests, WantedSelftests } from "./install-selftests.js";
import type { LackingConfig } from "./lacking-config.js";

/** Builds selftests of the kernel and installs them into the cache, where they are not there yet. */
export async function installSelftests(wanted: WantedSelftests, host: Host): Promise<InstalledSelftests> {
  return (await import("./install-selftests.js")).installSelftests(wanted, host);
}

/** What a kernel's configuration lacks for targets, by their own `config` files. @param configFile the kernel's */
export async function lackingForSelftests(
  source: string,
  targets: readonly string[],
  configFile: string,
): Promise<LackingConfig[]> {
  return (await import("./lacking-config.js")).lackingConfig(source, targets, configFile);
}
