import { requestedAccelerators, type QemuOption } from "@vm/qemu-argv";
import { chooseAccelerator, isWorthTrial, type AcceleratorRequest } from "./choice.js";
import { probeAccelerator } from "./facts.js";
import { readKvmTrial, tryKvm } from "./kvm-trial.js";
import { acceleratorOptions } from "./options.js";

export interface ResolvedAccelerator {
  /** `as-written`: the person's own options choose it. */
  readonly accelerator: "kvm" | "tcg" | "as-written";
  /** What to put before the person's options. */
  readonly options: readonly QemuOption[];
  /** One line for stderr: why KVM is not used, or why `requested` had no effect. */
  readonly reason?: string;
}

/**
 * Probes the host, chooses the accelerator, and gives the options that select it.
 *
 * `trial`: `run` starts a tiny guest under KVM, once per boot of the host, where KVM looks usable; `read` only looks at
 * what an earlier trial found, and touches nothing (for a dry run).
 *
 * @throws `KVM_UNUSABLE` when `kvm` was asked for and cannot work here
 */
export function resolveAccelerator({
  requested,
  guestArch,
  kernelRelease,
  options,
  qemu,
  cacheDir,
  trial: mode,
}: {
  readonly requested: AcceleratorRequest;
  readonly guestArch: string;
  /** What `uname -r` will say, where a kernel of the host is started. */
  readonly kernelRelease?: string | undefined;
  readonly options: readonly QemuOption[];
  readonly qemu: string;
  readonly cacheDir: string;
  readonly trial: "run" | "read";
}): ResolvedAccelerator {
  const guest = { guestArch, kernelRelease, options };
  if (requestedAccelerators(options).length > 0) {
    const own = acceleratorOptions({ accelerator: "tcg", ...guest });
    if (requested === "auto") return { accelerator: "as-written", options: own };
    const reason = `The accelerator '${requested}' is not used: the VM's own QEMU options choose one.`;
    return { accelerator: "as-written", options: own, reason };
  }
  if (requested === "tcg") {
    return { accelerator: "tcg", options: acceleratorOptions({ accelerator: "tcg", ...guest }) };
  }
  const facts = probeAccelerator();
  const tried = isWorthTrial(requested, guestArch, facts)
    ? { run: tryKvm, read: readKvmTrial }[mode]({ qemu, guestArch, cacheDir })
    : undefined;
  const choice = chooseAccelerator({ requested, guestArch, facts, trial: tried });
  return { ...choice, options: acceleratorOptions({ accelerator: choice.accelerator, ...guest }) };
}
