import type { Installation } from "../installation.js";
import type { Section } from "../section.js";
import { writeFile } from "../shell-text.js";

/** The drivers of QEMU's network cards: a machine that gets another address or another card still has its network. */
const WIRED = `[Match]
Driver=virtio_net e1000 e1000e

[Network]
DHCP=yes
`;

export function networkSection({ hostname }: Installation): Section {
  return {
    name: "configure_network",
    title: "Configure the network",
    body: [
      writeFile("/mnt/etc/hostname", `${hostname}\n`),
      writeFile("/mnt/etc/systemd/network/20-wired.network", WIRED),
      "# Not from within: there, arch-chroot mounts this system's file over it.",
      "ln --symbolic --force ../run/systemd/resolve/stub-resolv.conf /mnt/etc/resolv.conf",
    ],
  };
}
