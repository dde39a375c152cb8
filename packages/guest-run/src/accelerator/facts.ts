import { errorCode } from "@vm/command-plan";
import { hostArchitecture } from "@vm/qemu-argv";
import { closeSync, constants, openSync, readSync } from "node:fs";

/** What this host says about KVM before anything is started. */
export interface AcceleratorFacts {
  /** The host's architecture in QEMU's words: `x86_64`, `aarch64`. */
  readonly hostArch: string;
  /** Whether `/dev/kvm` opens for reading and writing. */
  readonly device: "opens" | "missing" | "denied" | "broken";
  /** On x86: whether `/proc/cpuinfo` lists `vmx` or `svm`. `unknown` elsewhere, or when the device does not open. */
  readonly cpuFlag: "present" | "absent" | "unknown";
}

/** Asks the host for what {@link chooseAccelerator} wants to know. Two opens and two reads; starts nothing. */
export function probeAccelerator({
  device = "/dev/kvm",
  cpuinfo = "/proc/cpuinfo",
}: { readonly device?: string; readonly cpuinfo?: string } = {}): AcceleratorFacts {
  const hostArch = hostArchitecture(process.arch);
  const state = openDevice(device);
  const x86 = hostArch === "x86_64" || hostArch === "i386";
  return { hostArch, device: state, cpuFlag: x86 && state === "opens" ? readCpuFlag(cpuinfo) : "unknown" };
}

function openDevice(path: string): AcceleratorFacts["device"] {
  try {
    closeSync(openSync(path, constants.O_RDWR));
    return "opens";
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return "missing";
    return code === "EACCES" || code === "EPERM" ? "denied" : "broken";
  }
}

/** Reads the first processor's block only: on a big host the whole file is slow to make. */
function readCpuFlag(path: string): AcceleratorFacts["cpuFlag"] {
  let text = "";
  try {
    const descriptor = openSync(path, "r");
    try {
      const buffer = Buffer.alloc(4096);
      // The kernel hands the file out in pieces; the flags of one processor stand within the first few.
      while (text.length < 16_384 && !/^flags\s*:.*\n/m.test(text)) {
        const length = readSync(descriptor, buffer, 0, buffer.length, null);
        if (length === 0) break;
        text += buffer.toString("latin1", 0, length);
      }
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return "unknown";
  }
  const flags = /^flags\s*:(.*)$/m.exec(text)?.[1];
  if (flags === undefined) return "unknown";
  return /\b(?:vmx|svm)\b/.test(flags) ? "present" : "absent";
}
