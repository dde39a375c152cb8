import type { QemuOption } from "@vm/qemu-argv";
import type { HostKernel } from "./host-kernel.js";

/**
 * A VM with systemd on a disk of its own; nothing has to be installed in it for a command. It needs a kernel of the host,
 * for the command begins on the kernel command line (`systemd.run=`).
 */
export interface DiskGuest {
  readonly kind: "disk";
  readonly kernel: HostKernel;
  /** The VM's own options of QEMU. Its serial ports and monitors are left out. */
  readonly qemuOptions: readonly QemuOption[];
  /** The person's own (after `--`), which come last. */
  readonly extraOptions?: readonly QemuOption[];
  /** QEMU's working directory: the VM's. */
  readonly directory: string;
  /** An open descriptor that QEMU shall hold as long as it lives. */
  readonly lockFd?: number;
}
