/** The virtio-serial ports of an installation, by the names that the guest finds in /sys/class/virtio-ports. */
export const PORTS = {
  /** `vm1 started`, `vm1 exited N`. */
  status: "vm.install.status",
  /** All that the installation prints. */
  log: "vm.install.log",
  /** A shell, for --shell. */
  shell: "vm.install.shell",
} as const;
