import { knownArchitectures, type ArchitectureFacts } from "@vm/architectures";
import type { KernelOptions } from "./kernel-options.js";

/** User-mode Linux: it has no image for a virtual machine. In old kernels it also sets CONFIG_X86_64. */
const userMode = "CONFIG_UML";

/** The options that tell the architectures apart. */
export const architectureOptions: readonly string[] = [
  ...new Set([userMode, ...knownArchitectures.flatMap(({ config }) => Object.keys(config))]),
];

/** The architecture of a configuration, or null for one that QEMU or this package does not know. */
export function architectureOf(options: KernelOptions): ArchitectureFacts | null {
  if (options[userMode] === "y") return null;
  const found = knownArchitectures.find(({ config }) =>
    Object.entries(config).every(([option, value]) => (options[option] === "y") === (value === "y")),
  );
  return found ?? null;
}
