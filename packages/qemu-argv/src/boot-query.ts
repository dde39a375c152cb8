import { flagName } from "./flag-syntax.js";
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

/** Flags that are short for properties of -machine, with the object of -machine that they are put into. */
const machineParts: Readonly<Record<string, string>> = { boot: "boot.", smp: "smp." };

/**
 * A property of a flag whose options QEMU puts together, as it is when all have been read: the last that says something counts. These
 * are -machine (with -M), -smp and -boot (with `-machine smp.cpus=`, `-machine boot.order=`), -m, -name, -rtc, -icount and -action.
 * Undefined when none says it, and QEMU has its own.
 */
export function requestedProperty(
  options: readonly QemuOption[],
  flag: string,
  key: string,
): string | undefined {
  const said = options.map((option) => {
    if (matchesOption(option, { flag })) return optionProperty(option, key);
    const part = machineParts[flag];
    if (part !== undefined && matchesOption(option, { flag: "machine" }))
      return optionProperty(option, part + key);
    const [short, inner] = key.split(".", 2);
    const isInner = flagName(flag) === "machine" && short !== undefined && Object.hasOwn(machineParts, short);
    return isInner && inner !== undefined && matchesOption(option, { flag: short })
      ? optionProperty(option, inner)
      : undefined;
  });
  return said.findLast((value) => value !== undefined);
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
