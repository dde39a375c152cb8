import type { ComplaintKind } from "@vm/kernel-report";

/** A complaint of the kernel on its console. */
export interface KernelComplaint {
  readonly kind: ComplaintKind;
  /** The first line of it, as the console shows it, without the time stamp. */
  readonly line: string;
}

/** How the run of a command in a guest ended. A missing status is never success. */
export type Outcome =
  | { readonly kind: "exited"; readonly status: number }
  | { readonly kind: "signalled"; readonly signal: number; readonly name: string }
  | { readonly kind: "panicked"; readonly reason: string }
  /** The kernel oopsed, or complained of something that `failOn` names. `status` is the command's, when it still answered. */
  | {
      readonly kind: "oopsed";
      readonly reason: string;
      readonly complaint: ComplaintKind;
      readonly status: number | null;
    }
  | { readonly kind: "hung"; readonly reason: string }
  | { readonly kind: "timed-out"; readonly reason: string; readonly phase: "boot" | "command" }
  /** No answer: the guest went away by itself (`guest`), or QEMU died or was killed from outside (`qemu`). */
  | { readonly kind: "lost"; readonly reason: string; readonly by: "guest" | "qemu" }
  /** The command never began. */
  | { readonly kind: "not-started"; readonly reason: string; readonly cause: StartFailure }
  /** The person stopped the run (a second Ctrl-C, SIGTERM). */
  | { readonly kind: "stopped"; readonly signal: number };

/**
 * Why a command never began: the kernel lacks something (`configuration`), it is no kernel that QEMU can load (`image`),
 * the guest could not be set up (`guest`), or QEMU itself refused or is missing (`qemu`).
 */
export type StartFailure = "configuration" | "image" | "guest" | "qemu";
