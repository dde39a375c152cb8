import { quoteShell } from "@vm/command-plan";
import type { StartFailure } from "@vm/guest-run";

interface Explanation {
  readonly findings: readonly string[];
  readonly needs?: "kernel";
}

/**
 * Errors that `vm doctor` explains, by their codes, each with the findings that do: the state of a program or place that is not as vm
 * needs it. `kernel`: only with `-k`. What depends on one command alone (another compiler, sshfs, Slurm) no doctor looks at.
 */
export const doctorFindings: Readonly<Record<string, Explanation>> = {
  BSDTAR_NOT_FOUND: { findings: ["unpacking"] },
  BUSYBOX_DYNAMIC: { findings: ["busybox"] },
  BUSYBOX_INCOMPLETE: { findings: ["busybox"] },
  BUSYBOX_MISSING: { findings: ["busybox"] },
  CACHE_UNTRUSTED: { findings: ["cache's owner"] },
  CACHE_UNUSABLE: { findings: ["cache's owner", "space of the cache"] },
  DEPMOD_MISSING: { findings: ["kmod"] },
  DISK_FULL: { findings: ["space of the cache"] },
  DRIVER_MISSING: { findings: ["the kernel"], needs: "kernel" },
  FETCH_DISK_FULL: { findings: ["space of the cache"] },
  FLOCK_NOT_FOUND: { findings: ["util-linux"] },
  GDB_NOT_FOUND: { findings: ["debugging"] },
  GIT_MISSING: { findings: ["compilers"] },
  KVM_UNUSABLE: { findings: ["kvm"] },
  PROGRAM_NOT_FOUND: { findings: ["util-linux", "qemu-img", "compilers", "unpacking", "ssh"] },
  QEMU_IMG_NOT_FOUND: { findings: ["qemu-img"] },
  QEMU_NOT_FOUND: { findings: ["qemu"] },
  QEMU_NOT_STARTED: { findings: ["qemu"] },
  RUNTIME_DIRECTORY_UNTRUSTED: { findings: ["runtime directory"] },
  RUNTIME_DIRECTORY_UNUSABLE: { findings: ["runtime directory"] },
  SSH_NOT_FOUND: { findings: ["ssh"] },
  UNPACKER_MISSING: { findings: ["unpacking"] },
  USER_CONFIG_INVALID: { findings: ["config.json"] },
  USER_CONFIG_UNREADABLE: { findings: ["config.json"] },
  USER_CONFIG_UNTRUSTED: { findings: ["config.json"] },
  VIRTIOFSD_NOT_FOUND: { findings: ["virtiofsd"] },
  VIRTIOFS_UNUSABLE: { findings: ["util-linux"] },
};

/** The same of commands that never began in a guest. Nobody but the build knows more of an image, nor but the guest of its set-up. */
export const startFailureFindings: Readonly<Partial<Record<StartFailure, Explanation>>> = {
  configuration: { findings: ["the kernel"], needs: "kernel" },
  qemu: { findings: ["qemu"] },
};

/**
 * Sends a person to `vm doctor`; undefined where it has nothing to say of such an error.
 * @param kernels what `-k` named; doctor looks at one
 */
export function doctorAdvice(code: string | undefined, kernels: readonly string[]): string | undefined {
  if (code === undefined || !Object.hasOwn(doctorFindings, code)) return undefined;
  return adviceOf(doctorFindings[code], kernels);
}

/** The same where a command never began. */
export function startAdvice(cause: StartFailure, kernels: readonly string[]): string | undefined {
  return adviceOf(startFailureFindings[cause], kernels);
}

function adviceOf(explanation: Explanation | undefined, kernels: readonly string[]): string | undefined {
  if (explanation === undefined) return undefined;
  const [kernel, another] = kernels;
  const isOne = kernel !== undefined && another === undefined;
  if (!isOne && explanation.needs === "kernel") return undefined;
  const words = ["vm", "doctor", ...(isOne ? ["-k", kernel] : [])];
  return `\`${words.map(quoteShell).join(" ")}\` tells what this machine lacks.`;
}
