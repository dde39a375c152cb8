import type { Installation } from "../installation.js";
import { packageGroups } from "../package-group.js";
import type { Section } from "../section.js";
import { command, writeFile } from "../shell-text.js";
import { pacstrap } from "./local-packages.js";

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
            writeFile("/mnt/etc/vconsole.conf", "KEYMAP=us\n"),
          ]),
      ...pacstrap(installation),
    ],
  };
}
