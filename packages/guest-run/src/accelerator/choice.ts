import { hasKvmFor } from "@vm/qemu-argv";
import { codedError, type CodedError } from "@vm/command-plan";
import type { AcceleratorFacts } from "./facts.js";
import type { KvmTrial } from "./kvm-trial.js";

/** What `--accel` and `VM_ACCEL` may say. */
export type AcceleratorRequest = "auto" | "kvm" | "tcg";

export interface AcceleratorChoice {
  readonly accelerator: "kvm" | "tcg";
  /** Why KVM is not used, as one line for stderr; absent where nothing was given up. */
  readonly reason?: string;
}

/**
 * Reads the value of `--accel` or `VM_ACCEL`. `source` names which, for the message.
 *
 * @throws `BAD_ACCELERATOR`
 */
export function parseAcceleratorRequest(text: string, source: string): AcceleratorRequest {
  if (text === "auto" || text === "kvm" || text === "tcg") return text;
  throw codedError("BAD_ACCELERATOR", `${source}: expected auto, kvm or tcg, got '${text}'.`);
}

/**
 * Chooses between KVM and emulation. Pure. `auto` takes KVM only when the guest's architecture is the host's, the device
 * opens, an x86 processor lists `vmx` or `svm`, and a trial (where there was one) worked. `kvm` is what the person asked
 * for: a processor flag that is not shown is no obstacle, a device that cannot work is an error.
 *
 * @throws `KVM_UNUSABLE` when `kvm` was asked for and cannot run this guest here
 */
export function chooseAccelerator({
  requested,
  guestArch,
  facts,
  trial,
}: {
  readonly requested: AcceleratorRequest;
  readonly guestArch: string;
  readonly facts: AcceleratorFacts;
  readonly trial?: KvmTrial | undefined;
}): AcceleratorChoice {
  switch (requested) {
    case "tcg":
      return { accelerator: "tcg" };
    case "kvm": {
      const obstacle = hardObstacle(guestArch, facts, trial);
      if (obstacle !== undefined) throw kvmUnusable(obstacle);
      return { accelerator: "kvm" };
    }
    case "auto": {
      const obstacle = hardObstacle(guestArch, facts, trial) ?? missingFlag(facts);
      if (obstacle === undefined) return { accelerator: "kvm" };
      return { accelerator: "tcg", reason: `KVM is not used: ${obstacle}; the guest is emulated (slower).` };
    }
    default:
      return requested satisfies never;
  }
}

/** Whether KVM stays possible by the facts alone, so that a trial is worth its time. */
export function isWorthTrial(
  requested: AcceleratorRequest,
  guestArch: string,
  facts: AcceleratorFacts,
): boolean {
  if (requested === "tcg" || hardObstacle(guestArch, facts, undefined) !== undefined) return false;
  return requested === "kvm" || missingFlag(facts) === undefined;
}

function hardObstacle(
  guestArch: string,
  facts: AcceleratorFacts,
  trial: KvmTrial | undefined,
): string | undefined {
  if (!hasKvmFor(guestArch, facts.hostArch)) {
    return `the guest is ${guestArch}, the host ${facts.hostArch}`;
  }
  switch (facts.device) {
    case "missing":
      return "there is no /dev/kvm";
    case "denied":
      return "you may not open /dev/kvm (are you in the group kvm?)";
    case "broken":
      return "/dev/kvm does not open";
    case "opens":
      return trial?.works === false ? `a trial of it failed (${trial.reason})` : undefined;
    default:
      return facts.device satisfies never;
  }
}

function missingFlag(facts: AcceleratorFacts): string | undefined {
  return facts.cpuFlag === "absent"
    ? "/dev/kvm opens, but the processor shows neither vmx nor svm"
    : undefined;
}

function kvmUnusable(obstacle: string): CodedError {
  return codedError("KVM_UNUSABLE", `KVM was asked for and cannot be used: ${obstacle}.`, {
    hint: "Use --accel auto or --accel tcg; to make QEMU try all the same, give '-- -accel kvm -cpu host'.",
  });
}
