import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { codedError } from "@vm/command-plan";
import { ROOT_DISK } from "@vm/vm-store";

/** The root disk of a VM that there is. */
export interface ExistingDisk {
  readonly sizeBytes: number;
  readonly content: "blank" | "something";
}

/**
 * Looks at the disk of a VM that `vm create` made, with qemu-img(1). Changes nothing.
 * @throws VM_DISK_UNKNOWN for a VM with no such disk, QEMU_IMG_NOT_FOUND
 */
export function readExistingDisk(directory: string): ExistingDisk {
  const image = join(directory, ROOT_DISK);
  if (statSync(image, { throwIfNoEntry: false })?.isFile() !== true) {
    throw codedError("VM_DISK_UNKNOWN", `${directory} has no ${ROOT_DISK}: what is to be installed on?`, {
      hint: "vm install knows VMs as vm create makes them. Choose another name: it makes the VM, too.",
    });
  }
  const info = qemuImg(["info", "--output=json", "-U", image]);
  if (info === undefined) {
    throw codedError("VM_DISK_UNKNOWN", `qemu-img can not read ${image}`, { hint: "Is it a disk image?" });
  }
  const { "virtual-size": sizeBytes }: { readonly "virtual-size": number } = JSON.parse(info);
  const map = qemuImg(["map", "--output=json", "-U", image]) ?? '[{ "data": true }]';
  const extents: readonly { readonly data: boolean }[] = JSON.parse(map);
  return { sizeBytes, content: extents.some(({ data }) => data) ? "something" : "blank" };
}

/** What qemu-img prints; undefined when it fails. */
function qemuImg(args: readonly string[]): string | undefined {
  const { stdout, status, error } = spawnSync("qemu-img", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 256 * 1_048_576,
  });
  if (error !== undefined && "code" in error && error.code === "ENOENT") {
    throw codedError("QEMU_IMG_NOT_FOUND", "qemu-img is not installed", {
      hint: "Install it: Debian's package qemu-utils, Fedora's qemu-img, Arch's qemu-img.",
    });
  }
  return status === 0 ? stdout : undefined;
}
