import { checkId } from "./identifier.js";
import type { Property, PropertyOption } from "./option.js";
import { qemuArgvError } from "./qemu-argv-error.js";

/** A port of the host that leads into the guest. */
export interface HostForward {
  /** Default `tcp`. */
  readonly protocol?: "tcp" | "udp";
  /** The IPv4 address to listen on. Default 127.0.0.1; `0.0.0.0` opens the guest to the network. */
  readonly hostAddress?: string;
  /** 1 to 65535, or 0 to let the host's kernel pick a free one (`info usernet` shows which). */
  readonly hostPort: number;
  /** Default: the address that QEMU gives to the guest by DHCP. */
  readonly guestAddress?: string;
  readonly guestPort: number;
}

/** User-mode networking. */
export interface NetdevUser {
  readonly id: string;
  readonly hostForwards?: readonly HostForward[];
  /** Any more of QEMU's properties, for example `["restrict", "on"]`. */
  readonly props?: readonly Property[];
}

/**
 * `-netdev user,id=net0,hostfwd=tcp:127.0.0.1:2222-:22`; a `-device virtio-net-pci,netdev=ID` uses it.
 * QEMU itself would listen on every address of the host where none is given; here it is always 127.0.0.1.
 */
export function netdevUser({ id, hostForwards = [], props = [] }: NetdevUser): PropertyOption {
  const forwards = hostForwards.map((forward): Property => ["hostfwd", renderForward(forward)]);
  return { flag: "netdev", head: "user", props: [["id", checkId(id)], ...forwards, ...props] };
}

function renderForward(forward: HostForward): string {
  const { protocol = "tcp", hostAddress = "127.0.0.1", guestAddress } = forward;
  const guest = guestAddress === undefined ? "" : checkAddress(guestAddress);
  const hostPort = checkPort(forward.hostPort, 0);
  return `${protocol}:${checkAddress(hostAddress)}:${hostPort}-${guest}:${checkPort(forward.guestPort, 1)}`;
}

function checkAddress(address: string): string {
  const parts = address.split(".");
  if (parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) {
    return address;
  }
  throw qemuArgvError(
    "QEMU_VALUE_INVALID",
    `Expected an IPv4 address for a host forward, found "${address}".`,
    `Write 127.0.0.1 for this machine only, 0.0.0.0 for every network it is on.`,
  );
}

function checkPort(port: number, least: 0 | 1): number {
  if (Number.isInteger(port) && port >= least && port <= 65_535) return port;
  throw qemuArgvError("QEMU_VALUE_INVALID", `Expected a port from ${least} to 65535, found ${port}.`);
}
