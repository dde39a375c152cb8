import { virtioBusOf, virtioSerialBus, virtioSerialPort, type QemuOption } from "@vm/qemu-argv";

/*
 * The port for more commands, whose host's side is a UNIX socket that anything can connect to, one at a time: see "More commands" in
 * docs/guest-contract.md. Nothing runs for it in the guest but a shell that waits, until somebody connects.
 */

/** Its name in the guest: /dev/virtio-ports/vm.exec, where udev makes that. */
const EXEC_PORT_NAME = "vm.exec";

const CHARDEV = "vm-exec";

/** QEMU makes the socket, and listens. */
export function execChardev(socket: string): QemuOption {
  return {
    flag: "chardev",
    head: "socket",
    props: [
      ["id", CHARDEV],
      ["path", socket],
      ["server", "on"],
      ["wait", "off"],
    ],
  };
}

/** The port on a bus that is there. */
export function execPort(bus: string, number: number): QemuOption {
  return virtioSerialPort({ chardev: CHARDEV, name: EXEC_PORT_NAME, bus, number });
}

/** The port with a bus of its own, for a VM that has none of ours. */
export function execDevices(socket: string, arch: string): QemuOption[] {
  const bus = "vm-exec-bus";
  return [
    execChardev(socket),
    virtioSerialBus(bus, { on: virtioBusOf(arch), props: [["max_ports", "2"]] }),
    execPort(bus, 1),
  ];
}
