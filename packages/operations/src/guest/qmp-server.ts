import { chardev, monitor, type QemuOption } from "@vm/qemu-argv";

/**
 * QEMU's machine protocol at a UNIX socket. It speaks with one client at a time; others wait.
 *
 * @param id of its character device: a guest may have several
 */
export function qmpServer(id: string, path: string): QemuOption[] {
  return [
    chardev({ backend: "socket", id, path, role: "server", wait: "off" }),
    monitor({ chardev: id, mode: "control" }),
  ];
}

/** The two of a guest in the background: one for who asks something of it, one for its supervisor. */
export function backgroundServers(socketOf: (name: "qmp" | "watch") => string): QemuOption[] {
  return [
    ...qmpServer("vm-background-qmp", socketOf("qmp")),
    ...qmpServer("vm-background-watch", socketOf("watch")),
  ];
}
