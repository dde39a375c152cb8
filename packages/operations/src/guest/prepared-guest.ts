import type { CommandGuest, ResolvedAccelerator } from "@vm/guest-run";
import type { KernelBuild } from "@vm/kernel-build";
import type { DebugGuest } from "../debug/debug-guest.js";

/** The guest that a command runs in, and what starts it. */
export interface PreparedGuest {
  readonly guest: CommandGuest;
  /** QEMU's absolute path. */
  readonly qemu: string;
  readonly accelerator: ResolvedAccelerator;
  /** The kernel that it boots. */
  readonly build: KernelBuild;
  readonly debug?: DebugGuest;
}
