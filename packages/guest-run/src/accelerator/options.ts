import { compareReleases } from "@vm/kernel-build";
import {
  accelerator as accel,
  architectureNamed,
  cpu,
  hasOption,
  requestedAccelerators,
  type QemuOption,
} from "@vm/qemu-argv";

/**
 * The accelerator and CPU model of a run, as options to go before the person's own (`options`), leaving out what those
 * choose already. TCG is named plainly: QEMU runs one thread a CPU by itself wherever that is right (`thread=multi`
 * would break `-icount`).
 */
export function acceleratorOptions({
  accelerator,
  guestArch,
  kernelRelease,
  options,
}: {
  readonly accelerator: "kvm" | "tcg";
  readonly guestArch: string;
  /** What is known of the kernel: an old one does not start on every CPU. */
  readonly kernelRelease?: string | undefined;
  readonly options: readonly QemuOption[];
}): readonly QemuOption[] {
  const theirs = requestedAccelerators(options).length > 0;
  const ours = theirs ? [] : [accel(accelerator)];
  if (hasOption(options, { flag: "cpu" })) return ours;
  // `host` exists under KVM alone. `max` exists under both: right when the accelerator is the person's own.
  if (accelerator === "kvm" && !theirs) return [...ours, cpu("host")];
  const emulated = architectureNamed(guestArch)?.emulatedCpu ?? null;
  if (emulated === null) return ours;
  const { before } = emulated;
  const old =
    before !== undefined && kernelRelease !== undefined && compareReleases(kernelRelease, before.release) < 0;
  if (old && !requestedAccelerators(options).includes("kvm")) return [...ours, cpu(before.model)];
  // Theirs may be KVM, which does not know every feature of the emulator.
  return [...ours, theirs ? cpu(emulated.model) : cpu(emulated.model, emulated.features)];
}
