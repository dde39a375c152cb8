import type { Installation } from "../installation.js";
import { packageGroups } from "../package-group.js";
import type { Section } from "../section.js";
import { command, writeFile } from "../shell-text.js";

/** The mirrors are written in the live system: pacstrap uses them, and copies them to the new one. */
export function packagesSection(installation: Installation): Section {
  const mirrors = installation.pacmanMirrors.map((mirror) => `Server = ${mirror}\n`);
  const groups = packageGroups(installation).flatMap(({ reason, packages }) => [
    `  # ${reason}`,
    `  ${command(...packages)}`,
  ]);
  return {
    name: "install_packages",
    title: "Install the packages",
    body: [
      "local packages=(",
      ...groups,
      ")",
      "# archiso's reflector would write its own list of mirrors over this one.",
      "if systemctl --quiet is-enabled reflector.service 2> /dev/null; then",
      "  systemctl stop reflector.service",
      "fi",
      writeFile("/etc/pacman.d/mirrorlist", mirrors.join("")),
      "# mkinitcpio reads it when the kernel is installed.",
      "mkdir --parents /mnt/etc",
      "printf 'KEYMAP=us\\n' > /mnt/etc/vconsole.conf",
      'pacstrap -K /mnt "${packages[@]}"',
    ],
  };
}
