import type { QemuOption } from "./option.js";
import { matchesOption, optionJson, optionProperty, type OptionSelector } from "./option-query.js";

/** The options with more of them at the end, where they win over earlier ones of flags that count once. */
export function appendOptions(options: readonly QemuOption[], ...more: readonly QemuOption[]): QemuOption[] {
  return [...options, ...more];
}

/** The options without those that the selector means. */
export function removeOptions(options: readonly QemuOption[], selector: OptionSelector): QemuOption[] {
  return options.filter((option) => !matchesOption(option, selector));
}

/** Puts an option in place of the first that the selector means and drops the others; appends it when there is none. */
export function replaceOption(
  options: readonly QemuOption[],
  selector: OptionSelector,
  replacement: QemuOption,
): QemuOption[] {
  const first = options.findIndex((option) => matchesOption(option, selector));
  if (first === -1) return [...options, replacement];
  return [
    ...options.slice(0, first),
    replacement,
    ...options.slice(first + 1).filter((option) => !matchesOption(option, selector)),
  ];
}

/** Changes every option that the selector means. */
export function mapOptions(
  options: readonly QemuOption[],
  selector: OptionSelector,
  change: (option: QemuOption) => QemuOption,
): QemuOption[] {
  return options.map((option) => (matchesOption(option, selector) ? change(option) : option));
}

/**
 * The option with a property set: in the place of the last of that name (the head, when the key is the implied one), at
 * the end when there is none. Options that have no properties (`-S`, `-kernel`, an image) come back as they are.
 */
export function setProperty(option: QemuOption, key: string, value: string): QemuOption {
  const json = optionJson(option);
  if (json !== undefined && "flag" in option) {
    const { flag, dashes } = option;
    return { flag, ...(dashes === undefined ? {} : { dashes }), json: { ...json, [key]: value } };
  }
  if (!("props" in option)) return option;
  const at = option.props.findLastIndex(([name]) => name === key);
  if (at !== -1) return { ...option, props: option.props.with(at, [key, value]) };
  if (option.head !== undefined && optionProperty(option, key) === option.head) {
    return { ...option, head: value };
  }
  return { ...option, props: [...option.props, [key, value]] };
}
