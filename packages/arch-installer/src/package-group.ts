import type { FileSystem, Installation } from "./installation.js";
import { packageIdentity } from "./package-info.js";

/** Packages that are installed for one reason. */
export interface PackageGroup {
  readonly reason: string;
  readonly packages: readonly string[];
}

/** What mounts, checks and repairs the root file system; e2fsprogs is part of base. */
const FILE_SYSTEM_PACKAGES: Readonly<Record<FileSystem, readonly string[]>> = {
  ext4: [],
  btrfs: ["btrfs-progs"],
  xfs: ["xfsprogs"],
};

/** What the installation takes from repositories, by the names of Arch Linux in 2026, each package once. */
export function packageGroups(installation: Installation): readonly PackageGroup[] {
  const { bootloader, firmware, fs, development, xfstests, users, packages, localPackages } = installation;
  const groups: readonly PackageGroup[] = [
    { reason: "the system", packages: ["base", "openssh", "rsync", ...FILE_SYSTEM_PACKAGES[fs]] },
    {
      reason: "a kernel of its own, and what boots it",
      packages:
        bootloader === "none"
          ? []
          : ["linux", "mkinitcpio", "grub", ...(firmware === "bios" ? [] : ["dosfstools"])],
    },
    {
      reason: "development",
      packages: development
        ? "base-devel asciidoc cscope gdb git ltrace perf python strace vim".split(" ")
        : [],
    },
    {
      reason: "xfstests",
      packages: xfstests ? ["acl", "attr", "bc", "fio", "libaio", "psmisc", "xfsprogs"] : [],
    },
    { reason: "users who become root", packages: users.length > 0 ? ["sudo"] : [] },
    { reason: "asked for", packages },
    { reason: "carried by this script", packages: localPackages.map((each) => packageIdentity(each).name) },
  ];
  const seen = new Set<string>();
  return groups
    .map(({ reason, packages: names }) => ({
      reason,
      packages: names.filter((name) => !seen.has(name) && seen.add(name)),
    }))
    .filter(({ packages: names }) => names.length > 0);
}
