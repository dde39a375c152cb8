import { knownArchitectures } from "@vm/architectures";
import { architectureOptions } from "../architecture.js";
import { initramfsOptions } from "./driver-options.js";
import { allFeatures, requirementsOf, type ShareKind } from "./requirements.js";

const shareKinds: readonly ShareKind[] = ["9p", "virtiofs"];

/** The options that are read from every configuration, in one pass: those that the checks ask about, and those that tell what kernel it is. */
export const wantedOptions: readonly string[] = [
  ...new Set([
    "CONFIG_MODULES",
    "CONFIG_MODULE_SIG_FORCE",
    ...architectureOptions,
    ...initramfsOptions.map(({ option }) => option),
    ...allFeatures.flatMap((feature) =>
      knownArchitectures.flatMap(({ name }) =>
        shareKinds.flatMap((share) => requirementsOf(feature, name, share).map(({ option }) => option)),
      ),
    ),
  ]),
];
