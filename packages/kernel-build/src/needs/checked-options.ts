import { architectureOptions } from "../architecture.js";
import { checkedOptions } from "./config-check.js";

/** The options that are read from every configuration, in one pass. */
export const wantedOptions: readonly string[] = [
  ...new Set(["CONFIG_MODULES", ...architectureOptions, ...checkedOptions]),
];
