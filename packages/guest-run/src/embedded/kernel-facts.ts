import {
  embeddedCommand,
  readOptions,
  unmetRequirements,
  wantedOptions,
  type KernelOptions,
} from "@vm/kernel-build";
import { NODE_OPTIONS } from "./device-nodes.js";
import type { EmbeddedGuest } from "./guest.js";
import { MOUNT_OPTIONS } from "./kernel-mounts.js";
import { RANDOMIZATION_OPTIONS } from "./randomization.js";

/** What makes the guest better, or its start faster, when the kernel has it. */
const WISHES = [
  "CONFIG_PVH",
  "CONFIG_IP_PNP",
  "CONFIG_RTC_CLASS",
  ...MOUNT_OPTIONS,
  ...NODE_OPTIONS,
  ...RANDOMIZATION_OPTIONS,
];

/**
 * The options of `.config` that the embedded guest looks at: what it needs by the table of `@vm/kernel-build`, and what it makes use of.
 *
 * @throws the file system's error when the file cannot be read
 */
export function readEmbeddedOptions(configFile: string): KernelOptions {
  return readOptions(configFile, [...wantedOptions, ...WISHES]);
}

/** One sentence on what the kernel lacks by its `.config`, or null. */
export function missingFromKernel({ kernel, share }: EmbeddedGuest): string | null {
  const { arch, configFile, initrd } = kernel;
  if (configFile === undefined) return null;
  const missing = unmetRequirements({ arch, options: readEmbeddedOptions(configFile) }, embeddedCommand, {
    share: share?.kind ?? "9p",
    ...(initrd === undefined ? {} : { initramfs: initrd }),
  });
  if (missing.length === 0) return null;
  const list = missing.map(({ option, purpose, state }) =>
    state === "module" ? `${option}=y, not m (${purpose})` : `${option}=y (${purpose})`,
  );
  return `The kernel cannot be an embedded guest's: it needs ${list.join(", ")}.`;
}
