import { codedError, type Plan } from "@vm/command-plan";
import { checkDiskSize } from "@vm/vm-store";
import { sizeBytes } from "./size.js";
import type { ChangedVm } from "./change.js";
import { inPlace } from "./in-place.js";
import { disk, writableImages } from "./disks.js";

/**
 * A disk made larger: by `+10G`, or to `20G`. What is on it stays; that its partitions and file systems grow as well is the guest's work.
 * @throws SIZE_INVALID, DISK_NOT_FOUND, DISK_WOULD_SHRINK, and what `loadConfig` throws
 */
export async function planResize(
  vm: ChangedVm,
  { size, image }: { readonly size: string; readonly image?: string },
): Promise<Plan> {
  checkDiskSize(size.replace(/^\+/, ""));
  const { path, name, header } = disk(await writableImages(vm), image, vm.name);
  const bytes = sizeBytes(size.replace(/^\+/, ""));
  const wanted = size.startsWith("+") ? header.sizeBytes + bytes : bytes;
  if (wanted < header.sizeBytes) {
    throw codedError(
      "DISK_WOULD_SHRINK",
      `${name} has ${header.sizeBytes} bytes: it is not made smaller, as the end of it would be lost`,
      {
        hint: "Write +SIZE to add to it.",
      },
    );
  }
  // Whole sectors, as QEMU wants them.
  const whole = Math.ceil(wanted / 512) * 512;
  return inPlace(vm.directory, [["resize", "-q", "-f", header.format, path, String(whole)]]);
}
