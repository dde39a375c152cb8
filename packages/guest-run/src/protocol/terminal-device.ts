import { findGuest } from "@vm/architectures";

/**
 * Shell text that sets `vm_tty`, where it is set, to the terminal of the command: the last console that the kernel's hvc layer
 * knows. On a PC that is the only one, `/dev/hvc0`; on others the firmware's or the hypervisor's own comes before it
 * (drivers/tty/hvc/hvc_console.c, `hvc_alloc`; CONFIG_HVC_RISCV_SBI). One that is not there cannot be opened.
 */
export function findTerminal(arch: string): string {
  if (findGuest(arch)?.hvc === "virtio") return "";
  return `[ -z "$vm_tty" ] || for vm_tty in /dev/hvc3 /dev/hvc2 /dev/hvc1 /dev/hvc0; do true <>"$vm_tty" && break; done 2>/dev/null`;
}
