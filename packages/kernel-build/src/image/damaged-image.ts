import { closeSync, fstatSync, readSync } from "node:fs";
import { basename } from "node:path";
import { openRegular } from "@vm/host-files";
import type { Architecture } from "@vm/architectures";

/**
 * What is wrong with a file that a build left in the place of an image: it is empty, or no image at all, as a full disk or a
 * machine that went down leaves it. Null for one that looks right. Throws what node:fs throws.
 */
export function imageDamage(image: string, arch: Architecture): string | null {
  const file = openRegular(image);
  try {
    if (fstatSync(file).size === 0) return "is empty";
    // s390 calls its image so too.
    if (basename(image) !== "bzImage" || (arch !== "x86_64" && arch !== "i386")) return null;
    // Documentation/arch/x86/boot.rst.
    const head = Buffer.alloc(0x206);
    readSync(file, head, 0, head.length, 0);
    const isX86 = head.toString("latin1", 0x202, 0x206) === "HdrS";
    return isX86 ? null : "has no header of a bzImage";
  } finally {
    closeSync(file);
  }
}
