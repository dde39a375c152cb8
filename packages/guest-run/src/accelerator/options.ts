import type { QemuOption } from "@vm/qemu-argv";

/** Architectures whose emulator knows `-cpu max`; the others keep their machine's own default. */
const KNOWS_MAX: ReadonlySet<string> = new Set(["x86_64", "i386", "aarch64", "arm", "s390x"]);

/** Whether the person's own options choose the accelerator: `-accel`, `-enable-kvm`, `-machine ...,accel=`. */
export function choosesAccelerator(options: readonly QemuOption[]): boolean {
  return options.some((option) => {
    if (!("flag" in option)) return false;
    if (option.flag === "accel" || option.flag === "enable-kvm") return true;
    if (option.flag !== "machine" && option.flag !== "M") return false;
    if ("props" in option) return option.props.some(([key]) => key === "accel");
    return "value" in option && /(?:^|,)accel=/.test(option.value);
  });
}

/** Whether the person's own options choose the CPU model. */
export function choosesCpu(options: readonly QemuOption[]): boolean {
  return options.some((option) => "flag" in option && option.flag === "cpu");
}

/**
 * The accelerator and CPU model of a run, as options to go with the person's own (`options`), leaving out what those
 * choose already. TCG is named plainly: QEMU runs one thread a CPU by itself wherever that is right (`thread=multi`
 * would break `-icount`).
 */
export function acceleratorOptions({
  accelerator,
  guestArch,
  options,
}: {
  readonly accelerator: "kvm" | "tcg";
  readonly guestArch: string;
  readonly options: readonly QemuOption[];
}): readonly QemuOption[] {
  const theirs = choosesAccelerator(options);
  const accel: readonly QemuOption[] = theirs ? [] : [{ flag: "accel", head: accelerator, props: [] }];
  if (choosesCpu(options)) return accel;
  // `host` exists under KVM alone. `max` exists under both: right when the accelerator is the person's own.
  if (accelerator === "kvm" && !theirs) return [...accel, { flag: "cpu", head: "host", props: [] }];
  return KNOWS_MAX.has(guestArch) ? [...accel, { flag: "cpu", head: "max", props: [] }] : accel;
}
