import type { Installation } from "../installation.js";
import type { Section } from "../section.js";
import { writeFile, type Statement } from "../shell-text.js";
import { pacstrap } from "./local-packages.js";

/** The buses that QEMU's disks are on: an initramfs would have only the drivers of the machine on which it was made. */
const DISK_DRIVERS = "MODULES+=(virtio_pci virtio_blk virtio_scsi nvme ahci sd_mod)\n";

/** The packages are those that `check_packages` names. */
export function packagesSection(installation: Installation): Section {
  return {
    name: "install_packages",
    title: "Install the packages",
    body: [...(installation.bootloader === "none" ? [] : configureInitramfs()), ...pacstrap(installation)],
  };
}

/** mkinitcpio reads all of it when the kernel is installed. Since version 40 it makes no second image with all drivers. */
function configureInitramfs(): readonly Statement[] {
  return [
    "# mkinitcpio reads these when the kernel is installed.",
    "mkdir --parents /mnt/etc/mkinitcpio.conf.d",
    writeFile("/mnt/etc/vconsole.conf", "KEYMAP=us\n"),
    writeFile("/mnt/etc/mkinitcpio.conf.d/vm.conf", DISK_DRIVERS),
  ];
}
