import { resolve } from "node:path";
import { quoteShell } from "@vm/command-plan";
import { hasOption, optionProperty, requestedBoot, type QemuOption } from "@vm/qemu-argv";
import { isBlankDisk, type VmConfig } from "@vm/vm-store";
import { warning, type Notice } from "../notice.js";

/** Other things that a machine boots from: whoever gives them knows why. */
const otherMedia = ["cdrom", "fda", "fdb", "boot", "bios", "pflash", "incoming", "loadvm"];

/** Warns that a VM has nothing to boot from: its firmware says so on a screen that nobody sees, and then waits for ever. */
export function blankDiskWarnings(
  { name, directory }: VmConfig,
  userOptions: readonly QemuOption[],
): Notice[] {
  if (requestedBoot(userOptions).kernel !== undefined) return [];
  if (otherMedia.some((flag) => hasOption(userOptions, { flag }))) return [];
  const disks = userOptions.flatMap((option) => diskOf(option) ?? []);
  const [disk] = disks;
  if (disk === undefined || !disks.every((file) => isBlankDisk(resolve(directory, file)))) return [];
  return [
    warning(
      "DISK_BLANK",
      `${disk} is empty, and ${name} has nothing else to boot from. \`vm install ${quoteShell(name)}\` puts Arch Linux on it; or boot an image (-- -cdrom FILE) or a kernel (-k BUILD). Ctrl-A X quits`,
    ),
  ];
}

/** The file of a disk; an option that may be one of another kind counts as one that is not blank. */
function diskOf(option: QemuOption): string | undefined {
  if ("image" in option) return option.image;
  if (option.flag === "hda" && "value" in option) return option.value;
  if (option.flag === "drive") return optionProperty(option, "file") ?? "";
  return option.flag === "blockdev" ? "" : undefined;
}
