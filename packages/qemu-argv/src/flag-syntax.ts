import { jsonFlags, keyvalFlags, propertyFlags, switchFlags, valueFlags } from "./flag-table.js";

/** An argument of `key=value` pairs between commas. */
export interface PropertySyntax {
  readonly kind: "properties";
  /** What a first element without `=` stands for: `driver` for `-device`. Absent: such an element is a key alone. */
  readonly impliedKey?: string;
  /** Whose rules hold: those of util/qemu-option.c, of util/keyval.c, or of the CPU model. */
  readonly grammar: "options" | "keyval" | "cpu";
  /** `doubled`: a comma in a value is written twice. `impossible`: it cannot be written (`-cpu`). */
  readonly commas: "doubled" | "impossible";
  /** Whether the argument may be a JSON object instead. */
  readonly json: boolean;
}

/** What follows a flag: nothing, an argument taken as it stands, or an argument of `key=value` pairs. */
export type FlagSyntax = { readonly kind: "switch" } | { readonly kind: "value" } | PropertySyntax;

/** The syntax of a flag (named without dashes), or undefined when it is none of QEMU's. Source: qemu-options.hx. */
export function flagSyntax(flag: string): FlagSyntax | undefined {
  if (Object.hasOwn(propertyFlags, flag)) {
    const impliedKey = propertyFlags[flag];
    return {
      kind: "properties",
      ...(typeof impliedKey === "string" ? { impliedKey } : {}),
      grammar: flag === "cpu" ? "cpu" : keyvalFlags.includes(flag) ? "keyval" : "options",
      // The CPU model's own code takes -cpu apart, with strtok: it knows no doubled comma.
      commas: flag === "cpu" ? "impossible" : "doubled",
      json: jsonFlags.includes(flag),
    };
  }
  if (valueFlags.includes(flag)) return { kind: "value" };
  if (switchFlags.includes(flag)) return { kind: "switch" };
  return undefined;
}

/** How properties are written for a flag that is not in the table, or takes no properties by it. */
export const plainPropertySyntax: PropertySyntax = {
  kind: "properties",
  grammar: "options",
  commas: "doubled",
  json: false,
};

/** All flags that this package knows, without dashes. */
export function knownFlags(): string[] {
  return [...switchFlags, ...valueFlags, ...Object.keys(propertyFlags)];
}

/** The one name of flags that QEMU knows by two: `M` is `machine`, `h` is `help`. */
export function flagName(flag: string): string {
  if (flag === "M") return "machine";
  return flag === "h" ? "help" : flag;
}
