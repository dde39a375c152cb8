import { codedError } from "@vm/command-plan";
import { configImages, readImageHeader, type ConfigImage, type ImageHeader } from "@vm/vm-store";
import { basename, dirname } from "node:path";
import { configOf, type ChangedVm } from "./change.js";

/** An image that a VM can write to. */
export interface VmImage extends ConfigImage {
  readonly header: ImageHeader;
}

/**
 * The images that a VM can write to: its disks, and firmware that keeps variables.
 * @throws what `loadConfig` throws; DISK_MISSING
 */
export async function writableImages(vm: ChangedVm): Promise<VmImage[]> {
  const { qemuOptions, directory } = await configOf(vm);
  return configImages(qemuOptions, directory)
    .filter(({ kind, access }) => kind !== "medium" && access === "read-write")
    .map((image) => ({ ...image, header: headerOf(image, vm.name) }));
}

function headerOf({ path, name }: ConfigImage, vm: string): ImageHeader {
  try {
    return readImageHeader(path);
  } catch (cause) {
    throw codedError("DISK_MISSING", `${vm}: the image ${name} cannot be read: ${String(cause)}`, {
      hint: "vm config shows where the configuration names it.",
      cause,
    });
  }
}

/** The disk that is meant: by its image's name, else the first. @throws DISK_NOT_FOUND */
export function disk<Image extends ConfigImage>(
  images: readonly Image[],
  wanted: string | undefined,
  vm: string,
): Image {
  const disks = images.filter(({ kind }) => kind === "disk");
  const found =
    wanted === undefined
      ? disks[0]
      : disks.find(({ name, path }) => name === wanted || path === wanted || basename(path) === wanted);
  if (found !== undefined) return found;
  throw codedError(
    "DISK_NOT_FOUND",
    wanted === undefined
      ? `${vm} has no disk that it can write to`
      : `${vm} has no disk ${JSON.stringify(wanted)}`,
    {
      hint:
        disks.length === 0 ? `vm disk add makes one.` : `It has ${disks.map(({ name }) => name).join(", ")}.`,
    },
  );
}

/** @throws DISK_ELSEWHERE where an image that can be written to is no file of the VM's own directory: a copy would share it */
export function checkOwnImages(images: readonly ConfigImage[], { directory, name }: ChangedVm): void {
  const other = images.find(({ path }) => dirname(path) !== directory);
  if (other === undefined) return;
  throw codedError(
    "DISK_ELSEWHERE",
    `${name}: ${other.path} is not in its directory: a copy would write to the same image`,
    {
      hint: "Move it there, and name it in vm.mjs without a path.",
    },
  );
}
