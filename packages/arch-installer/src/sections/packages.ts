import type { Installation } from "../installation.js";
import { packageGroups } from "../package-group.js";
import type { Section } from "../section.js";
import { command } from "../shell-text.js";

export function packagesSection(installation: Installation): Section {
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
      ...(installation.bootloader === "none"
        ? []
        : [
            "# mkinitcpio reads it when the kernel is installed.",
            "mkdir --parents /mnt/etc",
            "printf 'KEYMAP=us\\n' > /mnt/etc/vconsole.conf",
          ]),
      'pacstrap /mnt "${packages[@]}"',
    ],
  };
}
