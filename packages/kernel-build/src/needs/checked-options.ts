import { architectureOptions } from "../architecture.js";
import { consoleOptions } from "./architecture-needs.js";
import { initramfsOptions } from "./driver-options.js";
import { allFeatures, requirementsOf, type ShareKind } from "./requirements.js";

const shareKinds: readonly ShareKind[] = ["9p", "virtiofs"];

/** An architecture of each transport. */
const transports = ["x86_64", "aarch64", "s390x"];

/** The options that are read from every configuration, in one pass: those that the checks ask about, and those that tell what kernel it is. */
export const wantedOptions: readonly string[] = [
  ...new Set([
    "CONFIG_MODULES",
    "CONFIG_MODULE_SIG_FORCE",
    ...architectureOptions,
    ...Object.values(consoleOptions),
    ...initramfsOptions.map(({ option }) => option),
    ...allFeatures.flatMap((feature) =>
      transports.flatMap((arch) =>
        shareKinds.flatMap((share) => requirementsOf(feature, arch, share).map(({ option }) => option)),
      ),
    ),
  ]),
];
