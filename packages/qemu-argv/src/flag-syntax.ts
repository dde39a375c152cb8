import { jsonFlags, propertyFlags, switchFlags, valueFlags } from "./flag-table.js";

/** What follows a flag: nothing, an argument taken as it stands, or an argument of `key=value` pairs. */
export type FlagSyntax =
  | { readonly kind: "switch" }
  | { readonly kind: "value" }
  | {
      readonly kind: "properties";
      /** What a first element without `=` stands for: `driver` for `-device`. */
      readonly impliedKey?: string;
      /** Whether the argument may be a JSON object instead. */
      readonly json: boolean;
    };

/** The syntax of a flag (named without dashes), or undefined when it is none of QEMU's. Source: qemu-options.hx. */
export function flagSyntax(flag: string): FlagSyntax | undefined {
  if (Object.hasOwn(propertyFlags, flag)) {
    const impliedKey = propertyFlags[flag];
    const json = jsonFlags.includes(flag);
    return typeof impliedKey === "string"
      ? { kind: "properties", impliedKey, json }
      : { kind: "properties", json };
  }
  if (valueFlags.includes(flag)) return { kind: "value" };
  if (switchFlags.includes(flag)) return { kind: "switch" };
  return undefined;
}

/** All flags that this package knows, without dashes. */
export function knownFlags(): string[] {
  return [...switchFlags, ...valueFlags, ...Object.keys(propertyFlags)];
}

/** The one name of flags that QEMU knows by two: `M` is `machine`, `h` is `help`. */
export function flagName(flag: string): string {
  if (flag === "M") return "machine";
  return flag === "h" ? "help" : flag;
}
