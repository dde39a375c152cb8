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
  const isUserChoice = requestedAccelerators(options).length > 0;
  const added = isUserChoice ? [] : [accel(accelerator)];
  if (hasOption(options, { flag: "cpu" })) return added;
  // `host` exists under KVM alone. `max` exists under both: right when the accelerator is the person's own.
  if (accelerator === "kvm" && !isUserChoice) return [...added, cpu("host")];
  const emulated = architectureNamed(guestArch)?.emulatedCpu ?? null;
  if (emulated === null) return added;
  const { before } = emulated;
  const old =
    before !== undefined && kernelRelease !== undefined && compareReleases(kernelRelease, before.release) < 0;
  if (old && !requestedAccelerators(options).includes("kvm")) return [...added, cpu(before.model)];
  // The user's accelerator may be KVM, which does not have every feature of the emulated CPU.
  return [...added, isUserChoice ? cpu(emulated.model) : cpu(emulated.model, emulated.features)];
}
