import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isDirectory, isFile } from "@vm/host-files";
import { isRelease } from "../release-name.js";
import { compareReleases } from "../release-order.js";

/** Where an image can stand in a root that has `boot/` and `lib/modules/`, in the order in which it is looked for. */
export function imagePlaces(release: string): readonly string[] {
  return [
    ...bootNames.map((name) => `boot/${name}-${release}`),
    ...modulesParents.flatMap((parent) => moduleImages.map((name) => `${parent}/${release}/${name}`)),
    // Last: make tar-pkg puts it beside the image, and QEMU boots few kernels from it.
    `boot/vmlinux-${release}`,
  ];
}

/** Where directories of modules are, below a root. */
export const modulesParents = ["lib/modules", "usr/lib/modules"] as const;

// Debian, Fedora, Arch and `make install`; `Image-` is what the kernel's own install.sh of arm64 and riscv calls an uncompressed one.
const bootNames = ["vmlinuz", "Image", "bzImage", "image"] as const;
// Arch and Fedora, openSUSE on arm64 and on s390.
const moduleImages = ["vmlinuz", "Image", "image", "bzImage", "vmlinux"] as const;

/** Whether this release has an image on the host. */
export function isInstalled(release: string, root: string = "/"): boolean {
  return isRelease(release) && imagePlaces(release).some((place) => isFile(join(root, place)));
}

/** Every release below a root that has an image or a directory of modules, the newest first. */
export function installedReleases(root: string = "/"): string[] {
  const images = namesIn(join(root, "boot")).flatMap(
    (name) => /^(?:vmlinu[xz]|Image|bzImage|image)-(.+)$/.exec(name)?.[1] ?? [],
  );
  const modules = modulesParents.flatMap((parent) =>
    namesIn(join(root, parent)).filter((name) => isDirectory(join(root, parent, name))),
  );
  return [...new Set([...images, ...modules])].filter(isRelease).toSorted((a, b) => compareReleases(b, a));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
