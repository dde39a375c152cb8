import type { BootedKernel } from "./booted-kernel.js";
import type { CommandSettings, DiskWrites, EmbeddedGuestSettings, VmGuest } from "./guest-settings.js";
import type { MachineSettings } from "./machine-settings.js";

/** A virtual machine on this terminal, with its own disk and configuration: `vm run NAME`. */
export interface RunVmRequest extends MachineSettings {
  readonly operation: "run-vm";
  /** The machine's name. */
  readonly vm: string;
  /** The kernel of the host that it boots; absent: its own boot loader starts what is on its disk. */
  readonly kernel?: BootedKernel;
  /** Default: `kept`. */
  readonly disks?: DiskWrites;
}

/** A command, or a shell, in a guest that is there for nothing else: `vm run -k BUILD --exec COMMAND`. */
export interface RunCommandRequest extends MachineSettings {
  readonly operation: "run-command";
  readonly kernel: BootedKernel;
  /** Default: the embedded guest, with nothing set. */
  readonly guest?: VmGuest | EmbeddedGuestSettings;
  /** By what an embedded guest is found while it runs (`vm exec`); default: for a shell `guest-1`, `guest-2`..., for a command nothing. */
  readonly name?: string;
  readonly command?: CommandSettings;
}
