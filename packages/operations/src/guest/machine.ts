import {
  findQemu,
  parseAcceleratorRequest,
  resolveAccelerator,
  type AcceleratorRequest,
  type HostKernel,
  type ResolvedAccelerator,
} from "@vm/guest-run";
import type { QemuOption } from "@vm/qemu-argv";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import { remark, type Notice } from "../notice.js";
import { flagWarnings } from "./flag-warnings.js";

/** What QEMU runs a guest with. */
export interface Machine {
  /** QEMU's absolute path. */
  readonly qemu: string;
  readonly accelerator: ResolvedAccelerator;
  readonly notices: readonly Notice[];
}

export interface WantedMachine {
  /** The guest's. */
  readonly arch: string;
  /** What `uname -r` will say, where a kernel of the host is started. */
  readonly kernelRelease?: string;
  /** The person's own options: the configuration's, and those of the request. */
  readonly userOptions: readonly QemuOption[];
  readonly accelerator: AcceleratorRequest;
}

/** Finds QEMU, and chooses the accelerator as the request and this machine have it. */
export function prepareMachine(
  { arch, kernelRelease, userOptions, accelerator: requested }: WantedMachine,
  mode: Mode,
  host: Pick<Host, "cacheDir" | "env">,
): Machine {
  const qemu = findQemu({ arch, env: host.env });
  const accelerator = resolveAccelerator({
    requested,
    guestArch: arch,
    kernelRelease,
    options: userOptions,
    qemu,
    cacheDir: host.cacheDir,
    trial: mode === "script" ? "read" : "run",
  });
  const { reason } = accelerator;
  return {
    qemu,
    accelerator,
    notices: [...flagWarnings(userOptions, qemu), ...(reason === undefined ? [] : [remark(reason)])],
  };
}

/** The accelerator of a request, else `$VM_ACCEL`, else `auto`. @throws `BAD_ACCELERATOR` */
export function wantedAccelerator(
  accelerator: AcceleratorRequest | undefined,
  { env }: Pick<Host, "env">,
): AcceleratorRequest {
  return accelerator ?? parseAcceleratorRequest(env["VM_ACCEL"] || "auto", "VM_ACCEL");
}

/** The kernel with other parameters in front of its own, which can override them. */
export function withParameters(kernel: HostKernel, parameters: readonly string[] = []): HostKernel {
  return parameters.length === 0 ? kernel : { ...kernel, cmdline: [...parameters, ...kernel.cmdline] };
}
