import { vmHome } from "../guest/vm-config.js";
import type { Host } from "../host.js";
import { mergeDefaults, runDefaultsOf } from "./run-defaults.js";

/** A setting that counts, and who says it. Survives JSON. */
export interface EffectiveSetting {
  readonly key: string;
  readonly value: unknown;
  /** A file, a variable of the environment (`$VM_HOME`), or `built in`; several where a list comes from several. */
  readonly from: readonly string[];
}

/** What counts where neither a command line nor a VM's own configuration says it. @throws what reading the files throws */
export function effectiveSettings(host: Host): EffectiveSetting[] {
  const files = runDefaultsOf(host);
  const [user] = files;
  const own = host.userConfig();
  const merged: Readonly<Record<string, unknown>> = { ...own, ...mergeDefaults(files) };
  const usual: Readonly<Record<string, unknown>> = {
    network: "none",
    cacheLimit: "20G",
    cpus: 1,
    memory: "1G",
    fragments: ["qemu", "small"],
  };
  const together = new Set(["parameters", "rw"]);
  const said = Object.keys({ ...usual, ...merged }).filter((key) => key !== "home");
  return [
    homeSetting(host, own.home, user?.file ?? ""),
    ...said.map((key): EffectiveSetting => {
      const sources = files.filter(({ defaults }) => Object.hasOwn(defaults, key)).map(({ file }) => file);
      const from = together.has(key) ? sources : sources.slice(-1);
      return { key, value: merged[key] ?? usual[key], from: from.length === 0 ? ["built in"] : from };
    }),
  ].toSorted((a, b) => a.key.localeCompare(b.key));
}

function homeSetting(host: Host, named: string | undefined, file: string): EffectiveSetting {
  const from = host.env["VM_HOME"] ? "$VM_HOME" : named === undefined ? "built in" : file;
  return { key: "home", value: vmHome(host), from: [from] };
}

/** A line a setting, with tabs between its fields: key, value as JSON, who says it. */
export function describeSettings(settings: readonly EffectiveSetting[]): string {
  return settings
    .map(({ key, value, from }) => `${key}\t${JSON.stringify(value)}\t${from.join(", ")}\n`)
    .join("");
}
