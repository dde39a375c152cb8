import { hasEfiSystem } from "../disk-layout.js";
import type { Installation } from "../installation.js";
import { mkfsWords } from "../mkfs.js";
import type { Section } from "../section.js";
import { command } from "../shell-text.js";
import { checkTimeZone } from "./time.js";

/** Nothing is changed before all of this holds, but that what a failed run has left mounted is unmounted. */
export function checkSection(installation: Installation): Section {
  const tools = [
    "pacstrap",
    "genfstab",
    "arch-chroot",
    ...(installation.localPackages.length > 0 ? ["tar"] : []),
    mkfsWords(installation)[0],
    ...(hasEfiSystem(installation) ? ["mkfs.fat"] : []),
  ];
  return {
    name: "check_system",
    title: "Check this system",
    body: [
      "local tool source devices kind type mounted",
      '((EUID == 0)) || die "this has to be run as root"',
      `for tool in ${command(...tools)}; do`,
      '  command -v "$tool" > /dev/null || die "$tool is missing: run this in the live system of Arch Linux"',
      "done",
      ...checkTimeZone(installation),
      "",
      "# A run that failed has left its work mounted.",
      "if mountpoint --quiet /mnt; then",
      "  source=$(findmnt --noheadings --nofsroot --first-only --output SOURCE --mountpoint /mnt)",
      '  [[ $source -ef $root_partition ]] || die "$source is mounted on /mnt: unmount it first"',
      "  umount --recursive /mnt",
      "fi",
      "",
      "# The disk itself is the first, its partitions and what is on them follow.",
      'devices=$(lsblk --noheadings --list --output TYPE,MOUNTPOINT "$root_device")',
      "kind=${devices%%[[:space:]]*}",
      "case $kind in",
      "  disk | loop) ;;",
      '  *) die "$root_device is a $kind, and a whole disk is needed" ;;',
      "esac",
      "while read -r type mounted; do",
      '  [[ -z $mounted ]] || die "$root_device is in use: its $type is mounted on $mounted"',
      'done <<< "$devices"',
    ],
  };
}
