import { device, virtioSerialPort, virtioTransportOf, type QemuOption } from "@vm/qemu-argv";

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

/** What QEMU's event VSERPORT_CHANGE calls the port of `execDevices`, when the guest opens it: it serves commands from then on. */
export const EXEC_PORT_ID = "vm-exec-port";

/**
 * The port with a bus of its own, for a VM that has none of ours; nothing for a machine that has no place for it.
 * @param userOptions the VM's own, which say what machine it is
 */
export function execDevices(socket: string, arch: string, userOptions: readonly QemuOption[]): QemuOption[] {
  const transport = virtioTransportOf(arch, userOptions);
  if (transport === undefined) return [];
  const bus = "vm-exec-bus";
  return [
    execChardev(socket),
    device(`virtio-serial-${transport}`, [
      ["id", bus],
      ["max_ports", "2"],
    ]),
    device("virtserialport", [
      ["id", EXEC_PORT_ID],
      ["chardev", CHARDEV],
      ["name", EXEC_PORT_NAME],
      ["bus", `${bus}.0`],
      ["nr", "1"],
    ]),
  ];
}
