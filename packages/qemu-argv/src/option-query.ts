import { flagName, flagSyntax } from "./flag-syntax.js";
import type { JsonOption, QemuOption } from "./option.js";
import { parseJsonObject } from "./parse-argv.js";

/** Which options are meant: all conditions given must hold. Flags without dashes; `M` and `machine` are the same. */
export interface OptionSelector {
  readonly flag?: string;
  /** The property `id` (`node-name` of a -blockdev). */
  readonly id?: string;
}

/** Whether the selector means this option. The selector `{}` means every option. */
export function matchesOption(option: QemuOption, { flag, id }: OptionSelector): boolean {
  if (flag !== undefined && ("image" in option || flagName(option.flag) !== flagName(flag))) return false;
  return id === undefined || optionId(option) === id;
}

/** All options that the selector means, in order. */
export function findOptions(options: readonly QemuOption[], selector: OptionSelector): QemuOption[] {
  return options.filter((option) => matchesOption(option, selector));
}

/** The last option that the selector means: where a flag counts only once (`-append`, `-cpu`), QEMU takes the last. */
export function findOption(options: readonly QemuOption[], selector: OptionSelector): QemuOption | undefined {
  return options.findLast((option) => matchesOption(option, selector));
}

export function hasOption(options: readonly QemuOption[], selector: OptionSelector): boolean {
  return options.some((option) => matchesOption(option, selector));
}

/** The id of a device, drive, netdev, chardev, object or block node. */
export function optionId(option: QemuOption): string | undefined {
  const byNode = "flag" in option && option.flag === "blockdev";
  return optionProperty(option, byNode ? "node-name" : "id");
}

/**
 * What a property of an option is, as text: the last of its name, as for QEMU; the head when the key is the implied one
 * (`driver` of `-device e1000`), `on` for a key that stands alone. JSON values that are no text are written as JSON
 * (`true`, `4`). Undefined when the option has no such property.
 */
export function optionProperty(option: QemuOption, key: string): string | undefined {
  if ("props" in option) {
    const property = option.props.findLast(([name]) => name === key);
    if (property !== undefined) return property[1] ?? "on";
    const syntax = flagSyntax(option.flag);
    return syntax?.kind === "properties" && syntax.impliedKey === key ? option.head : undefined;
  }
  const json = optionJson(option);
  if (json === undefined || !Object.hasOwn(json, key)) return undefined;
  const value = json[key];
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The JSON of an option, also where `parseArgv` kept it as text because JSON.stringify writes it otherwise. */
export function optionJson(option: QemuOption): JsonOption["json"] | undefined {
  if ("json" in option) return option.json;
  if (!("value" in option) || !option.value.startsWith("{")) return undefined;
  const syntax = flagSyntax(option.flag);
  return syntax?.kind === "properties" && syntax.json ? parseJsonObject(option.value) : undefined;
}
