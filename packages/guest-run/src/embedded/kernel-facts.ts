import {
  compareReleases,
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
  "CONFIG_KASAN",
  "CONFIG_KMSAN",
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

/** One sentence on why the kernel cannot boot this guest, by its release and its `.config`, or null. */
export function missingFromKernel({ kernel, share, network = "none" }: EmbeddedGuest): string | null {
  const { arch, configFile, initrd, release } = kernel;
  const way = share?.kind ?? "9p";
  if (
    way === "virtiofs" &&
    initrd === undefined &&
    release !== undefined &&
    compareReleases(release, "5.15") < 0
  ) {
    return `Linux ${release} cannot have its root on virtiofs without an initramfs (5.15 is the first that can): leave --share virtiofs out, or build virtiofs as a module.`;
  }
  if (configFile === undefined) return null;
  const features = network === "none" ? embeddedCommand : ([...embeddedCommand, "network"] as const);
  const missing = unmetRequirements({ arch, options: readEmbeddedOptions(configFile) }, features, {
    share: way,
    ...(initrd === undefined ? {} : { initramfs: initrd }),
  });
  if (missing.length === 0) return null;
  const list = missing.map(({ option, purpose, state }) =>
    state === "module" ? `${option}=y, not m (${purpose})` : `${option}=y (${purpose})`,
  );
  const guest =
    network === "none" ? "an embedded guest's" : `an embedded guest's with a network (${network})`;
  return `The kernel cannot be ${guest}: it needs ${list.join(", ")}.`;
}
