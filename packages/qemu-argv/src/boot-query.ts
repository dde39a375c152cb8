import type { QemuOption } from "./option.js";
import { findOption, findOptions, matchesOption, optionProperty } from "./option-query.js";

/**
 * The accelerators that a command line asks for, in QEMU's order of trying, from `-accel`, `-machine accel=` and
 * `-enable-kvm`; none when the choice is left to QEMU. Of the last two, which are one setting, the last counts; both beside
 * `-accel` QEMU refuses. A `-readconfig` file is not looked into.
 */
export function requestedAccelerators(options: readonly QemuOption[]): string[] {
  const byFlag = findOptions(options, { flag: "accel" }).flatMap(
    (option) => optionProperty(option, "accel") ?? [],
  );
  const byMachine = options
    .map((option) =>
      matchesOption(option, { flag: "machine" }) ? optionProperty(option, "accel") : sugar(option),
    )
    .findLast((value) => value !== undefined);
  return byMachine === undefined ? byFlag : [...byFlag, ...byMachine.split(":")];
}

/** The flags that are short for `-machine accel=`. */
function sugar(option: QemuOption): string | undefined {
  if (matchesOption(option, { flag: "enable-kvm" })) return "kvm";
  return matchesOption(option, { flag: "no-kvm" }) ? "tcg" : undefined;
}

/** The CPU model of the last `-cpu`, without its features; undefined when it is left to QEMU. */
export function requestedCpu(options: readonly QemuOption[]): string | undefined {
  const option = findOption(options, { flag: "cpu" });
  return option !== undefined && "head" in option ? option.head : undefined;
}

/** The kernel image, initial ram disk and kernel command line that QEMU boots directly, as far as they are given. */
export interface DirectBoot {
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: string;
}

/** What `-kernel`, `-initrd` and `-append` say, or the same given as `-machine kernel=`: QEMU takes the last of each. */
export function requestedBoot(options: readonly QemuOption[]): DirectBoot {
  const boot: { -readonly [key in keyof DirectBoot]: string } = {};
  for (const option of options) {
    for (const key of ["kernel", "initrd", "append"] as const) {
      const value = matchesOption(option, { flag: "machine" })
        ? optionProperty(option, key)
        : matchesOption(option, { flag: key }) && "value" in option
          ? option.value
          : undefined;
      if (value !== undefined) boot[key] = value;
    }
  }
  return boot;
}
