import type { QemuOption } from "@vm/qemu-argv";
import type { Privacy } from "../share/hidden-places.js";
import type { ShareWay } from "../share/host-share.js";

/**
 * A guest with nothing installed: the kernel on a root file system of the host, which it can read and not change.
 * All paths are absolute.
 */
export interface EmbeddedGuest {
  readonly kind: "embedded";
  readonly kernel: EmbeddedKernel;
  /** The host's directory that is the guest's root; `/` if absent. */
  readonly root?: string;
  /** How files of the host come to the guest; default: over 9p. */
  readonly share?: ShareWay;
  /** Directories of the host that the guest sees. */
  readonly shares?: readonly Share[];
  /** What of the host the guest must not see in any of them: the list of docs/config.md, if absent. */
  readonly privacy?: Privacy;
  /**
   * `script` (default): the command is all there is. `systemd`: the root's systemd is PID 1, and the command a service after
   * basic.target; no file system of the root's `/etc/fstab` is mounted.
   */
  readonly init?: "script" | "systemd";
  /** Default 1: more CPUs make the start slower under TCG. */
  readonly cpus?: number;
  /** As QEMU writes it; default `1G`. Half of it can hold what the guest writes. */
  readonly memory?: string;
  /**
   * `none` (default): a loopback interface and no card. `user`: QEMU's user mode network, 10.0.2.15, with all that the host's user
   * can reach, the services on the host's own loopback interface among it (10.0.2.2). `isolated`: the same card, and nobody to talk to.
   */
  readonly network?: GuestNetwork;
  readonly hostname?: string;
  /** More kernel parameters (`-a`), as rendered words in one string. */
  readonly kernelCmdline?: string;
  /** The person's own options of QEMU (after `--`), which come last. */
  readonly qemuOptions?: readonly QemuOption[];
  /** An open descriptor that QEMU shall hold as long as it lives. */
  readonly lockFd?: number;
}

export interface EmbeddedKernel {
  /** The file for `-kernel`. */
  readonly image: string;
  /** QEMU's name of the architecture; the embedded guest knows those of qemu-argv's table. */
  readonly arch: string;
  /** An initramfs that loads drivers which are modules, and hands over to the root and init of the command line. */
  readonly initrd?: string;
  /** What `uname -r` will say; modules are mounted only when it does. */
  readonly release?: string;
  /** The build's `.config`: lets what is missing be told before the boot. */
  readonly configFile?: string;
  /** The build tree, or an installed kernel's `lib/modules/RELEASE`: shared as `modules`. */
  readonly tree?: string;
  /** The directory shared as `modules-index` (docs/guest-contract.md). */
  readonly modulesIndex?: string;
}

export interface Share {
  /** On the host. Absolute. */
  readonly path: string;
  /** Where the guest sees it: absolute, with no `.` or `..` in it. Default: at the same path. */
  readonly target?: string;
  readonly access: "read-only" | "read-write";
}

export type GuestNetwork = "none" | "isolated" | "user";
