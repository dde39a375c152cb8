import { closeSync, readSync } from "node:fs";
import { openRegular } from "@vm/host-files";
import { checkedRelease } from "../release-name.js";

/**
 * The release that an x86 bzImage says of itself, or null where it says none. Source: Documentation/arch/x86/boot.rst:
 * `HdrS` at 0x202, and the 16 bits at 0x20e point (less 0x200) to `RELEASE (USER@HOST) #1 SMP ...`. Throws RELEASE_INVALID.
 */
export function imageRelease(image: string): string | null {
  const file = openRegular(image);
  try {
    const header = Buffer.alloc(0x10);
    if (readSync(file, header, 0, header.length, 0x200) < header.length) return null;
    if (header.toString("latin1", 2, 6) !== "HdrS") return null;
    const offset = header.readUInt16LE(0xe);
    if (offset === 0) return null;
    const text = Buffer.alloc(128);
    const length = readSync(file, text, 0, text.length, offset + 0x200);
    const release = /^[^\s\0]+/.exec(text.toString("latin1", 0, length))?.[0];
    return release === undefined ? null : checkedRelease(release, image);
  } finally {
    closeSync(file);
  }
}
