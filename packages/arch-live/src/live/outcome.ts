import { guestExitCodes } from "@vm/guest-run";

/** How an installation ended. Only `installed` is success: a missing answer is something else. */
export type InstallOutcome =
  | { readonly kind: "installed" }
  /** The script stopped: it says where. */
  | { readonly kind: "failed"; readonly reason: string }
  /** The kernel of the guest panicked. */
  | { readonly kind: "panicked"; readonly reason: string }
  /** Too long in all, or nothing was heard of the guest for too long. */
  | { readonly kind: "timed-out"; readonly reason: string }
  /** The guest or QEMU ended with no answer. */
  | { readonly kind: "lost"; readonly reason: string }
  /** The guest never ran the script. */
  | { readonly kind: "not-started"; readonly reason: string }
  /** A signal to us. */
  | { readonly kind: "stopped"; readonly signal: number };

/** The exit code of `vm install`: docs/exit-codes.md. */
export function installExitCode(outcome: InstallOutcome): number {
  switch (outcome.kind) {
    case "installed":
      return 0;
    case "failed":
      return 1;
    case "panicked":
    case "timed-out":
    case "lost":
    case "not-started":
      return guestExitCodes[outcome.kind];
    case "stopped":
      return 128 + outcome.signal;
    default:
      return outcome satisfies never;
  }
}
