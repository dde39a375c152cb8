import type { Installation } from "../installation.js";
import type { Section } from "../section.js";
import { command, writeFile } from "../shell-text.js";

const AUTOLOGIN_DIRECTORY = "/mnt/etc/systemd/system/serial-getty@ttyS0.service.d";

export function servicesSection({ autologin }: Installation): Section {
  return {
    name: "configure_services",
    title: "Configure the services",
    body: [
      "# systemd's package makes it when it is installed. DHCP asks for an address in its name.",
      "[[ -s /mnt/etc/machine-id ]] || arch-chroot /mnt systemd-machine-id-setup",
      "# All of SysRq: a kernel that hangs is what this machine is for.",
      writeFile("/mnt/etc/sysctl.d/50-sysrq.conf", "kernel.sysrq = 1\n"),
      "local services=(systemd-networkd.service systemd-resolved.service sshd.service)",
      "# To enter the new system takes longer than this; a host that is no live system may have no systemctl.",
      "if command -v systemctl > /dev/null; then",
      '  systemctl --quiet --root=/mnt enable "${services[@]}"',
      "else",
      '  arch-chroot /mnt systemctl enable "${services[@]}"',
      "fi",
      ...(autologin === undefined
        ? []
        : [
            command("mkdir", "--parents", AUTOLOGIN_DIRECTORY),
            writeFile(`${AUTOLOGIN_DIRECTORY}/autologin.conf`, autologinUnit(autologin)),
          ]),
    ],
  };
}

/** See agetty(8), and systemd's serial-getty@.service, whose command this is but for --autologin. */
function autologinUnit(user: string): string {
  return `[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin ${user} --keep-baud 115200,57600,38400,9600 - $TERM
`;
}
