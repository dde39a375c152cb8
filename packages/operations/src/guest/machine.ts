import { basename, resolve } from "node:path";
import { findProgram, isProgram } from "@vm/command-plan";
import {
  findQemu,
  parseAcceleratorRequest,
  resolveAccelerator,
  type AcceleratorRequest,
  type HostKernel,
  type ResolvedAccelerator,
} from "@vm/guest-run";
import { architectureNamed, type QemuOption } from "@vm/qemu-argv";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import { remark, type Notice } from "../notice.js";
import { requestError } from "../request/request-error.js";
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
  /** Its absolute path, where the request names one. */
  readonly qemu?: string | undefined;
}

/** Finds QEMU, and chooses the accelerator as the request and this machine have it. */
export function prepareMachine(
  { arch, kernelRelease, userOptions, accelerator: requested, qemu: named }: WantedMachine,
  mode: Mode,
  host: Pick<Host, "cacheDir" | "env">,
): Machine {
  const qemu = named === undefined ? findQemu({ arch, env: host.env }) : suitableQemu(named, arch);
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

/** The absolute path of the QEMU that a request names; undefined where it names none. @throws `REQUEST_INVALID` */
export function wantedQemu(
  qemu: string | undefined,
  { cwd, env }: Pick<Host, "cwd" | "env">,
): string | undefined {
  if (qemu === undefined) return undefined;
  const found = qemu.includes("/") ? resolve(cwd, qemu) : findProgram(qemu, env);
  if (found !== undefined && isProgram(found)) return found;
  throw requestError(
    "qemu",
    found === undefined ? `there is no program ${qemu} in PATH` : `${found} is no program`,
  );
}

/** QEMU for one kind of machine says nothing that helps when it gets the kernel of another one. */
function suitableQemu(qemu: string, arch: string): string {
  const [, named] = /^qemu-system-([\w-]+)$/.exec(basename(qemu)) ?? [];
  const [of, wanted] = [named, arch].map((name) =>
    name === undefined ? undefined : architectureNamed(name)?.qemu,
  );
  const runs = of === undefined || of === wanted || alsoRuns[of] === wanted;
  if (runs) return qemu;
  throw requestError("qemu", `${qemu} is for ${of} machines, and the guest is ${arch}`);
}

/** The 32 bits of the same architecture. */
const alsoRuns: Readonly<Record<string, string>> = {
  aarch64: "arm",
  x86_64: "i386",
  ppc64: "ppc",
  riscv64: "riscv32",
};

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
