import type { VirtioBus } from "./architecture/facts.js";
import { checkId } from "./identifier.js";
import type { Property, PropertyOption, ValueOption } from "./option.js";
import { qemuArgvError } from "./qemu-argv-error.js";

/** A character device of the host, by its backend. */
export type Chardev =
  /** `mux` lets several front ends share it, switched by Ctrl-A C; `signal` `off` gives Ctrl-C to the guest. */
  | {
      readonly backend: "stdio";
      readonly id: string;
      readonly mux?: "on" | "off";
      readonly signal?: "on" | "off";
    }
  | { readonly backend: "file"; readonly id: string; readonly path: string; readonly append?: "on" | "off" }
  /** A Unix socket; a server waits for its client only with `wait` `on`. */
  | {
      readonly backend: "socket";
      readonly id: string;
      readonly path: string;
      readonly role: "server" | "client";
      readonly wait?: "on" | "off";
    }
  /** A named pipe, or `PATH.in` and `PATH.out`. */
  | { readonly backend: "pipe"; readonly id: string; readonly path: string }
  | { readonly backend: "null" | "pty"; readonly id: string };

/** `-chardev file,id=log,path=console.log`. A serial port, a virtio-serial port or a monitor uses it by its id. */
export function chardev(device: Chardev): PropertyOption {
  return {
    flag: "chardev",
    head: device.backend,
    props: [["id", checkId(device.id)], ...backendProperties(device)],
  };
}

function backendProperties(device: Chardev): Property[] {
  switch (device.backend) {
    case "stdio":
      return [...given("mux", device.mux), ...given("signal", device.signal)];
    case "file":
      return [["path", device.path], ...given("append", device.append)];
    case "socket": {
      const path: Property = ["path", checkSocketPath(device.path)];
      return device.role === "server"
        ? [path, ["server", "on"], ["wait", device.wait ?? "off"]]
        : [path, ["server", "off"]];
    }
    case "pipe":
      return [["path", device.path]];
    case "null":
    case "pty":
      return [];
    default:
      return device satisfies never;
  }
}

/** `-serial chardev:ID`, or one of QEMU's short forms as it stands: `stdio`, `mon:stdio`, `null`, `none`. */
export function serial(target: { readonly chardev: string } | string): ValueOption {
  return {
    flag: "serial",
    value: typeof target === "string" ? target : `chardev:${checkId(target.chardev)}`,
  };
}

/** `-mon chardev=ID,mode=control`: QMP (`control`) or the human monitor (`readline`) on a chardev. */
export function monitor(target: {
  readonly chardev: string;
  readonly mode: "control" | "readline";
}): PropertyOption {
  return {
    flag: "mon",
    props: [
      ["chardev", checkId(target.chardev)],
      ["mode", target.mode],
    ],
  };
}

/** `-device virtio-serial-pci,id=ports`: the bus that the ports of `virtioSerialPort` sit on. `on` is the machine's bus. */
export function virtioSerialBus(
  id: string,
  { on = "pci", props = [] }: { readonly on?: VirtioBus; readonly props?: readonly Property[] } = {},
): PropertyOption {
  return { flag: "device", head: `virtio-serial-${on}`, props: [["id", checkId(id)], ...props] };
}

/** A port between a chardev of the host and `/dev/virtio-ports/NAME` in the guest (udev makes that link). */
export function virtioSerialPort(port: {
  readonly chardev: string;
  readonly name: string;
  /** The id of a `virtioSerialBus`; default: the first. */
  readonly bus?: string;
  /** 1 and up; default: the next free one. */
  readonly number?: number;
}): PropertyOption {
  return {
    flag: "device",
    head: "virtserialport",
    props: [
      ["chardev", checkId(port.chardev)],
      ["name", port.name],
      ...(port.bus === undefined ? [] : [["bus", `${checkId(port.bus)}.0`] as const]),
      ...(port.number === undefined ? [] : [["nr", String(port.number)] as const]),
    ],
  };
}

function given(key: string, value: string | undefined): Property[] {
  return value === undefined ? [] : [[key, value]];
}

/** unix(7): sun_path holds 108 bytes with its NUL. */
function checkSocketPath(path: string): string {
  const bytes = new TextEncoder().encode(path).length;
  if (bytes >= 1 && bytes <= 107) return path;
  throw qemuArgvError(
    "QEMU_VALUE_INVALID",
    `The socket path "${path}" has ${bytes} bytes; Linux takes 1 to 107.`,
    `Put the socket in a directory with a shorter name.`,
  );
}
