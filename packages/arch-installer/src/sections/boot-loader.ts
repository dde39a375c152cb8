import type { Installation } from "../installation.js";
import type { Section } from "../section.js";
import { writeFile } from "../shell-text.js";
import { EFI_DIRECTORY } from "./storage.js";

const DEFAULTS = `GRUB_DEFAULT=0
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR="Arch"
GRUB_DISABLE_RECOVERY=true

# The menu and the system are on the serial console as well as on the screen.
GRUB_TERMINAL="console serial"
GRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200"
GRUB_CMDLINE_LINUX_DEFAULT=""
GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"
`;

/** The system boots by itself, with its own kernel. */
export function bootLoaderSection({ bootloader, firmware }: Installation): Section | undefined {
  if (bootloader === "none") return undefined;
  return {
    name: "install_boot_loader",
    title: "Install the boot loader",
    body: [
      ...(firmware === "uefi" ? [] : ['arch-chroot /mnt grub-install --target=i386-pc "$root_device"']),
      ...(firmware === "bios"
        ? []
        : [
            "# Where every firmware looks: the variables of a virtual machine's firmware do not outlive it.",
            `arch-chroot /mnt grub-install --target=x86_64-efi --efi-directory=${EFI_DIRECTORY} --removable --no-nvram`,
          ]),
      writeFile("/mnt/etc/default/grub", DEFAULTS),
      "arch-chroot /mnt grub-mkconfig --output=/boot/grub/grub.cfg",
    ],
  };
}
