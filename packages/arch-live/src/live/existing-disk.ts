import { join } from "node:path";
import { codedError, errorCode } from "@vm/command-plan";
import { isFile, runForOutput } from "@vm/host-files";
import { ROOT_DISK } from "@vm/vm-store";

/** The root disk of a VM that there is. */
export interface ExistingDisk {
  readonly sizeBytes: number;
  readonly content: "blank" | "something";
}

/**
 * Looks at the disk of a VM that `vm create` made, with qemu-img(1). Changes nothing.
 * @throws VM_DISK_UNKNOWN for a VM with no such disk, QEMU_IMG_NOT_FOUND; the reason of `signal`
 */
export async function readExistingDisk(
  directory: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<ExistingDisk> {
  const image = join(directory, ROOT_DISK);
  if (!isFile(image)) {
    throw codedError("VM_DISK_UNKNOWN", `${directory} has no ${ROOT_DISK}: what is to be installed on?`, {
      hint: "vm install knows VMs as vm create makes them. Choose another name: it makes the VM, too.",
    });
  }
  const info = await qemuImg(["info", "--output=json", "-U", image], signal);
  if (info === undefined) {
    throw codedError("VM_DISK_UNKNOWN", `qemu-img cannot read ${image}`, { hint: "Is it a disk image?" });
  }
  const { "virtual-size": sizeBytes }: { readonly "virtual-size": number } = JSON.parse(info);
  const map = (await qemuImg(["map", "--output=json", "-U", image], signal)) ?? '[{ "data": true }]';
  const extents: readonly { readonly data: boolean }[] = JSON.parse(map);
  return { sizeBytes, content: extents.some(({ data }) => data) ? "something" : "blank" };
}

/** What qemu-img prints; undefined when it fails. */
async function qemuImg(
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    const { stdout, exitCode } = await runForOutput(["qemu-img", ...args], { signal, maxBytes: 256 << 20 });
    return exitCode === 0 ? stdout : undefined;
  } catch (cause) {
    if (errorCode(cause) !== "PROGRAM_NOT_FOUND") throw cause;
    throw codedError("QEMU_IMG_NOT_FOUND", "qemu-img is not installed", {
      hint: "Install it: Debian's package qemu-utils, Fedora's qemu-img, Arch's qemu-img.",
      cause,
    });
  }
}
