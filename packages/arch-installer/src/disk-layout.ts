import type { Installation } from "./installation.js";

/** A partition of the disk, in the order in which they lie on it. */
export interface Partition {
  readonly device: string;
  readonly role: "bios-boot" | "efi-system" | "root";
  /** As sfdisk writes it; absent: all that is left. */
  readonly size?: string;
}

/** Room for GRUB's EFI program; the kernels are on the root file system. */
const EFI_SYSTEM_SIZE = "128MiB";
const BIOS_BOOT_SIZE = "1MiB";

/**
 * The device of a partition: `/dev/vda1`, but `/dev/nvme0n1p1` and `/dev/mmcblk0p1`, where the disk's name ends in a digit
 * (kernel: `disk_name()`, block/genhd.c); `/dev/disk/by-id/x-part1` below udev's directories.
 */
export function partitionDevice(disk: string, number: number): string {
  if (disk.startsWith("/dev/disk/")) return `${disk}-part${number}`;
  return /\d$/.test(disk) ? `${disk}p${number}` : `${disk}${number}`;
}

/**
 * The root file system is always partition 1, wherever it lies: so `root=/dev/vda1` is right for a kernel of the host, whatever
 * the disk boots with.
 */
export function diskLayout({
  rootDev,
  partitionTable,
  firmware,
  bootloader,
}: Pick<Installation, "rootDev" | "partitionTable" | "firmware" | "bootloader">): readonly Partition[] {
  const roles: Partition["role"][] = ["root"];
  if (bootloader === "grub" && firmware !== "uefi" && partitionTable === "gpt") roles.push("bios-boot");
  if (hasEfiSystem({ bootloader, firmware })) roles.push("efi-system");
  return roles
    .map((role, index) => ({ role, device: partitionDevice(rootDev, index + 1), ...sizeOf(role) }))
    .toSorted((a, b) => Number(a.role === "root") - Number(b.role === "root"));
}

/** Whether there is a FAT file system for UEFI firmware, on /efi. */
export function hasEfiSystem({
  bootloader,
  firmware,
}: Pick<Installation, "bootloader" | "firmware">): boolean {
  return bootloader === "grub" && firmware !== "bios";
}

function sizeOf(role: Partition["role"]): { readonly size?: string } {
  switch (role) {
    case "bios-boot":
      return { size: BIOS_BOOT_SIZE };
    case "efi-system":
      return { size: EFI_SYSTEM_SIZE };
    case "root":
      return {};
    default:
      return role satisfies never;
  }
}
