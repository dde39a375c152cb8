import { architectureOptions } from "../architecture.js";
import { initramfsOptions } from "./driver-options.js";
import { requiredOptions } from "./requirements.js";

/** The options that are read from every configuration, in one pass: those that the checks ask about, and those that tell what kernel it is. */
export const wantedOptions: readonly string[] = [
  ...new Set([
    "CONFIG_MODULES",
    "CONFIG_MODULE_SIG_FORCE",
    ...architectureOptions,
    ...initramfsOptions.map(({ option }) => option),
    ...requiredOptions(),
  ]),
];
