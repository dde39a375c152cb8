import type { QemuOption } from "@vm/qemu-argv";
import type { Element } from "./xml.js";

/** Where an option of QEMU goes in a domain: what is written of it in XML, and what libvirt hands to QEMU as it stands. */
export interface Place {
  readonly devices?: readonly Element[];
  readonly features?: readonly Element[];
  /** What is left of it for `<qemu:commandline>`. */
  readonly rest?: readonly QemuOption[];
  /** It cannot be the same under libvirt: what is there instead, or why not. */
  readonly note?: string;
}

/** An option that XML has no word for. */
export function verbatim(option: QemuOption): Place {
  return { rest: [option] };
}

/** The keys of an option's properties, with the implied one in the head's place; undefined where it is written otherwise. */
export function optionKeys(option: QemuOption, impliedKey: string): ReadonlySet<string> | undefined {
  if (!("props" in option)) return undefined;
  return new Set([...(option.head === undefined ? [] : [impliedKey]), ...option.props.map(([key]) => key)]);
}

/** Whether an option says nothing but what these keys say. */
export function saysOnly(option: QemuOption, impliedKey: string, keys: readonly string[]): boolean {
  const own = optionKeys(option, impliedKey);
  return own !== undefined && [...own].every((key) => keys.includes(key));
}
