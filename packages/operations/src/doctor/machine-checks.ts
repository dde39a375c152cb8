import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { quoteShell } from "@vm/command-plan";
import { findQemu, findVirtiofsd, hasVirtiofsd, lacks9p, probeAccelerator, tryKvm } from "@vm/guest-run";
import type { Host } from "../host.js";
import { findingOf, ok, type Finding } from "./check.js";
import { tryProgram } from "./trial.js";

/** Older than this nobody has tried. */
const oldestQemu = [7, 2] as const;

/** QEMU, what it lacks, KVM, and how files are shared. @param scratch an empty directory @param arch whose QEMU */
export async function checkMachine(
  { arch, scratch }: { readonly arch: string; readonly scratch: string },
  host: Host,
): Promise<Finding[]> {
  let qemu: string;
  try {
    qemu = findQemu({ arch, env: host.env });
  } catch (error) {
    return [
      { ...findingOf("qemu", "broken", error), missing: [{ qemuFor: arch }] },
      ...(arch === host.arch ? [kvm(undefined, scratch, host)] : []),
    ];
  }
  const [started, devices, networks] = await Promise.all([
    tryProgram([qemu, "--version"], host),
    tryProgram([qemu, "-device", "help"], host),
    tryProgram([qemu, "-machine", "none", "-netdev", "help"], host),
  ]);
  if (!started.works || !devices.works) {
    const reason = started.works ? devices.reason : started.reason;
    return [
      {
        name: "qemu",
        state: "broken",
        found: `${qemu} does not start: ${reason}`,
        missing: [{ qemuFor: arch }],
      },
    ];
  }
  const version = /version (\S+)/.exec(started.output)?.[1] ?? "of an unknown version";
  const lacks = [
    ...(lacks9p(qemu) || !devices.output.includes("virtio-9p") ? ["9p"] : []),
    ...(networks.works && !/^user$/m.test(networks.output) ? ["slirp (--network user)"] : []),
  ];
  const without = lacks.length === 0 ? "" : `, built without ${lacks.join(" and ")}`;
  const isOld = isOlder(version);
  const no9p = lacks[0] === "9p";
  return [
    {
      name: "qemu",
      state: no9p && !hasVirtiofsd(host.env) ? "broken" : isOld || lacks.length > 0 ? "limited" : "ok",
      found: `QEMU ${version}${without} (${qemu})${isOld ? "; older than 7.2, with which nothing was tried" : ""}`,
      ...(no9p && !hasVirtiofsd(host.env) ? { missing: ["virtiofsd"] } : {}),
    },
    ...(arch === host.arch ? [kvm(qemu, scratch, host)] : []),
    virtiofsd(host, no9p),
  ];
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldest, oldestMinor] = oldestQemu;
  return major < oldest || (major === oldest && minor < oldestMinor);
}

function virtiofsd(host: Host, isNeeded: boolean): Finding {
  try {
    const { path, kind } = findVirtiofsd(host.env);
    const whose = kind === "rust" ? "the one in Rust" : "QEMU's own, in C";
    return ok("virtiofsd", `${path} (${whose})`);
  } catch (error) {
    return {
      ...findingOf("virtiofsd", isNeeded ? "broken" : "limited", error),
      repair: "It is needed for kernels that have no 9p.",
      missing: ["virtiofsd"],
    };
  }
}

/** A guest of three instructions is started, with a time limit: neither the device nor a flag of the processor proves that KVM works. */
function kvm(qemu: string | undefined, scratch: string, host: Host): Finding {
  const facts = probeAccelerator();
  const slow = "guests are emulated, which is many times slower";
  switch (facts.device) {
    case "missing":
      return {
        name: "kvm",
        state: "limited",
        found: `there is no /dev/kvm${isGuest() ? "; this machine is a guest itself" : ""}: ${slow}`,
        repair: isGuest()
          ? "On the host of this machine nested virtualization has to be on (kvm_intel.nested=1 or kvm_amd.nested=1), and the guest's CPU has to be host."
          : `${host.user.uid === 0 ? "" : "sudo "}modprobe ${moduleName()} (if that fails, switch virtualization on in the firmware's settings).`,
      };
    case "denied":
      return {
        name: "kvm",
        state: "limited",
        found: `you may not open /dev/kvm: ${slow}`,
        repair: `sudo usermod -aG ${groupOfDevice()} ${quoteShell(host.env["USER"] ?? String(host.user.uid))} and log in again.`,
      };
    case "broken":
      return { name: "kvm", state: "limited", found: `/dev/kvm does not open: ${slow}` };
    case "opens":
      break;
    default:
      return facts.device satisfies never;
  }
  const nested = isGuest() ? "; this machine is a guest itself" : "";
  // A directory of its own: a verdict of an earlier day is no trial.
  const trial =
    qemu === undefined
      ? undefined
      : tryKvm({ qemu, guestArch: host.arch, cacheDir: join(scratch, "kvm") }, { timeoutMs: 5000 });
  if (trial === undefined) return ok("kvm", `/dev/kvm opens, and was not tried${nested}`);
  if (trial.works) return ok("kvm", `a guest ran${nested}`);
  return {
    name: "kvm",
    state: "limited",
    found: `/dev/kvm opens, and a guest did not run (${trial.reason})${nested}: ${slow}`,
    ...(isGuest()
      ? {
          repair:
            "On the host of this machine nested virtualization has to be on, and the guest's CPU has to be host.",
        }
      : {}),
  };
}

function isGuest(): boolean {
  try {
    return /^flags\s*:.*\bhypervisor\b/m.test(readFileSync("/proc/cpuinfo", "utf8"));
  } catch {
    return false;
  }
}

function moduleName(): string {
  try {
    return /AuthenticAMD/.test(readFileSync("/proc/cpuinfo", "utf8")) ? "kvm_amd" : "kvm_intel";
  } catch {
    return "kvm";
  }
}

/** The group that may open it, by its name. */
function groupOfDevice(): string {
  try {
    const { gid } = statSync("/dev/kvm");
    return new RegExp(`^([^:]+):[^:]*:${gid}:`, "m").exec(readFileSync("/etc/group", "utf8"))?.[1] ?? "kvm";
  } catch {
    return "kvm";
  }
}
