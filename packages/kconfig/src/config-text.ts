/** The options of a `.config` by full name, as it writes their values; what "is not set" has the value `n`. */
export type ConfigValues = ReadonlyMap<string, string>;

/** Reads the text of a `.config`. An option set twice has its last value, as for Kconfig. Lines that are neither are passed over. */
export function parseConfig(text: string): Map<string, string> {
  const values = new Map<string, string>();
  const line = /^(?:(CONFIG_\w+)=(.*)|# (CONFIG_\w+) is not set)$/gm;
  for (const [, option, value, unset] of text.matchAll(line)) {
    if (unset !== undefined) values.set(unset, "n");
    else if (option !== undefined && value !== undefined) values.set(option, value);
  }
  return values;
}

/** One option as a line of a `.config`, without the newline. */
export function configLine(option: string, value: string): string {
  return value === "n" ? `# ${option} is not set` : `${option}=${value}`;
}

/** Whether two values are the same for Kconfig: numbers may be written in several ways. */
export function sameValue(left: string, right: string): boolean {
  if (left === right) return true;
  const number = /^-?(?:0[xX][0-9a-fA-F]+|\d+)$/;
  return number.test(left) && number.test(right) && Number(left) === Number(right);
}
