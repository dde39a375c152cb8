import { hasEfiSystem } from "../disk-layout.js";
import type { Installation } from "../installation.js";
import type { Section } from "../section.js";

/**
 * genfstab writes the options that a file system is mounted with, the running kernel's defaults among them. Of those the character sets of
 * FAT are modules of that kernel, which another one need not have; and no kernel that is tried shall end in emergency mode for want of FAT.
 */
export function fstabSection(installation: Installation): Section {
  return {
    name: "write_fstab",
    title: "Write /etc/fstab",
    body: [
      "genfstab -U /mnt >> /mnt/etc/fstab",
      ...(hasEfiSystem(installation)
        ? [
            "# The next kernel may have other character sets for /efi than this one, or no FAT at all: it boots all the same.",
            String.raw`sed --in-place --regexp-extended '/\svfat\s/ { s/,(iocharset|codepage)=[^,[:space:]]*//g; s/\svfat\s+/&nofail,/ }' /mnt/etc/fstab`,
          ]
        : []),
    ],
  };
}
