import { parseAcceleratorRequest, resolveAccelerator, type ResolvedAccelerator } from "@vm/guest-run";
import type { QemuOption } from "@vm/qemu-argv";
import { cacheHome } from "../cache-home.js";
import type { CommandContext } from "../command-module.js";
import { warnOfFlags } from "./qemu-flags.js";
import type { RunOptions } from "./run-options.js";

interface Machine {
  readonly guestArch: string;
  readonly kernelRelease?: string | undefined;
  readonly qemu: string;
  /** The person's own options: the configuration's, and those after `--`. */
  readonly theirs: readonly QemuOption[];
}

/** Chooses the accelerator as `--accel`, `VM_ACCEL` and this machine have it, and warns of flags that QEMU does not have. */
export function chooseAccelerator(
  { accel, dryRun }: RunOptions,
  context: CommandContext,
  { guestArch, kernelRelease, qemu, theirs }: Machine,
): ResolvedAccelerator {
  warnOfFlags(theirs, qemu);
  const requested = accel ?? (context.env["VM_ACCEL"] || "auto");
  return resolveAccelerator({
    requested: parseAcceleratorRequest(requested, accel === undefined ? "VM_ACCEL" : "--accel"),
    guestArch,
    kernelRelease,
    options: theirs,
    qemu,
    cacheHome: cacheHome(context),
    trial: dryRun === true ? "read" : "run",
  });
}
