import {
  device,
  serial,
  virtioBusOf,
  virtioSerialBus,
  virtioSerialPort,
  type QemuOption,
} from "@vm/qemu-argv";
import { execChardev, execPort } from "./exec-port.js";
import type { Channel } from "./plan.js";

/** The numbers of the virtio-serial ports: they stand in their names in the guest, `/dev/vport0p5`. */
export const PORT_NUMBERS = { stdin: 1, stdout: 2, stderr: 3, script: 4, status: 5, exec: 6 } as const;

type Port = Exclude<keyof typeof PORT_NUMBERS, "exec">;

/** The order matters: QEMU opens its side of the ports in it, and the guest relies on `status` being the last. */
const PORTS: readonly Port[] = ["stdin", "stdout", "stderr", "script", "status"];

/**
 * The serial console, and a virtio-serial bus with the ports of the channels, for a guest of an architecture.
 * @param execSocket where the port for more commands is to be reached on the host; absent: there is none
 */
export function commandDevices(
  channels: readonly Channel[],
  arch: string,
  execSocket?: string,
): QemuOption[] {
  const bus = "vm-ports";
  return [
    serial({ chardev: "vm-console" }),
    // A port costs the guest's driver two queues to set up, used or not; by default there are 31.
    virtioSerialBus(bus, {
      on: virtioBusOf(arch),
      props: [["max_ports", execSocket === undefined ? "6" : "7"]],
    }),
    ...(channels.includes("terminal")
      ? [
          device("virtconsole", [
            ["chardev", "vm-terminal"],
            ["bus", `${bus}.0`],
            ["nr", "0"],
          ]),
        ]
      : []),
    ...PORTS.filter((port) => channels.includes(port)).map((port) =>
      virtioSerialPort({
        chardev: `vm-${port}`,
        name: `vm.command.${port}`,
        bus,
        number: PORT_NUMBERS[port],
      }),
    ),
    ...(execSocket === undefined ? [] : [execChardev(execSocket), execPort(bus, PORT_NUMBERS.exec)]),
  ];
}
