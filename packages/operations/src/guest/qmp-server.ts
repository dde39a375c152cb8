import type { QemuOption } from "@vm/qemu-argv";

/** QEMU's machine protocol at a UNIX socket. It speaks with one client at a time; others wait. */
export function qmpServer(path: string): QemuOption {
  return { flag: "qmp", value: `unix:${path.replaceAll(",", ",,")},server=on,wait=off` };
}
