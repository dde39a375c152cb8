import { readRegularText } from "@vm/host-files";
import type { KernelOptions } from "../kernel-options.js";

/**
 * Reads the named options from a `.config`. One pass of one regular expression over the whole file: a distribution's
 * .config is 280 KB, and this takes less than a millisecond of it, where splitting it into lines takes three.
 * Throws what `readRegular` throws.
 */
export function readOptions(file: string, wanted: readonly string[]): KernelOptions {
  return scanOptions(readRegularText(file, { encoding: "latin1" }), wanted);
}

/** The same for the text of a `.config`. An option set twice has its last value, as for Kconfig. */
export function scanOptions(text: string, wanted: readonly string[]): KernelOptions {
  const names = wanted.map((option) => option.slice("CONFIG_".length)).join("|");
  const options: { [option: string]: string } = {};
  for (const [, name, value] of text.matchAll(new RegExp(`^CONFIG_(${names})=(.*)$`, "gm"))) {
    if (name !== undefined && value !== undefined) options[`CONFIG_${name}`] = value;
  }
  return options;
}
