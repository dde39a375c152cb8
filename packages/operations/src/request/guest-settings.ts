import type { ComplaintKind, GuestNetwork, Share } from "@vm/guest-run";

/** `ephemeral`: nothing that a guest writes to its disks survives the run, and several runs of one machine at once are fine. */
export type DiskWrites = "ephemeral" | "kept";

/** A virtual machine that has a name. */
export interface VmGuest {
  readonly kind: "vm";
  readonly name: string;
  /** Default: `kept`. */
  readonly disks?: DiskWrites;
}

/** The guest with nothing installed, on a root of the host that it can read and not change. */
export interface EmbeddedGuestSettings {
  readonly kind: "embedded";
  /** Default: `/`. */
  readonly root?: string;
  /** Directories of the host that it sees: at the same path, or at `target`. */
  readonly shares?: readonly Share[];
  /** Places of the host that are not hidden from it. */
  readonly expose?: readonly string[];
  /** Whom the command runs as; default: `root`. */
  readonly user?: "caller" | "root";
  /** `systemd`: the root's systemd first, and the command when basic.target is reached. Default: `script`. */
  readonly init?: "script" | "systemd";
  /** Default: `network` of the host's config.json, else `none`. */
  readonly network?: GuestNetwork;
}

/** A command in the guest, and when the run is ended before it is done. */
export interface CommandSettings {
  /** For the guest's sh. Absent: a shell, on a terminal. */
  readonly text?: string;
  /** `terminal`: it gets one. `none`: it reads nothing. Default: `pipe`; for a shell `terminal`. */
  readonly input?: "none" | "pipe" | "terminal";
  /** End the run after that time, in milliseconds; default: never. */
  readonly timeoutMs?: number;
  /**
   * End the run when the command has not begun by then, in milliseconds. `usual`: 300 s, emulated 900 s (docs/exit-codes.md). Default:
   * `usual`; for a shell, and with gdb, `none`.
   */
  readonly bootTimeoutMs?: number | "none" | "usual";
  /** Complaints of the kernel that are failures, besides panics and oopses. */
  readonly failOn?: readonly ComplaintKind[];
  /** Variables that it gets besides those of the guest (docs/guest-contract.md), by their names. */
  readonly environment?: Readonly<Record<string, string>>;
  /** `shell`: a shell on the terminal when the command has ended, whose status stays that of the run. In a VM also without `text`. */
  readonly afterwards?: "shell";
  /**
   * What becomes of the embedded guest of a command that failed. `shell`: a shell on the command's terminal; `gdb`: a debugger in ours, at
   * the panic (an oops is one then); `dump`: its memory is written (`debug.dump`) as after a panic. Default: it is ended.
   */
  readonly onFailure?: "dump" | "gdb" | "shell";
}
