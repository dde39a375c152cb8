import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { codedError } from "@vm/command-plan";
import { readRegular } from "@vm/host-files";
import { imageLimit, unpack } from "./decompression.js";
import { zbootPayload } from "./image-content.js";
import { imageKind } from "./image-kind.js";
import { hasPvhNote } from "./pvh-note.js";
import type { Lookup } from "../lookup/kernel-location.js";
import { unpackedDirectory } from "../unpacked/unpacked-directory.js";

/**
 * The file to hand to QEMU for an image: the image, or what is packed in it where QEMU may not unpack it by itself: an
 * EFI zboot image (QEMU 7.2 takes none, QEMU 9 only those with gzip). It is kept in the cache.
 * Throws IMAGE_UNREADABLE, IMAGE_NOT_BOOTABLE, and what `unpackedDirectory` throws.
 */
export function bootableImage(file: string, lookup: Lookup): string {
  const kind = imageKind(file);
  if (kind?.format === "vmlinux" && (kind.arch === "x86_64" || kind.arch === "i386") && !hasPvhNote(file)) {
    throw codedError("IMAGE_NOT_BOOTABLE", `QEMU does not start ${file}: it was built without CONFIG_PVH`, {
      hint: "Name the bzImage of the same build, or set CONFIG_PVH=y.",
    });
  }
  if (kind?.format !== "zboot") return file;
  const directory = unpackedDirectory({
    file,
    lookup,
    make: (draft) => writeFileSync(join(draft, "Image"), unpackZboot(file)),
  });
  return join(directory, "Image");
}

function unpackZboot(file: string): Buffer {
  const payload = zbootPayload(readRegular(file, imageLimit));
  const unpacked = payload === null ? ({ kind: "not-compressed" } as const) : unpack(payload, file);
  switch (unpacked.kind) {
    case "data":
      return unpacked.data;
    case "program-missing":
      throw codedError(
        "IMAGE_UNREADABLE",
        `${basename(file)} is packed with ${unpacked.format}, which QEMU does not unpack`,
        {
          hint: `Install ${unpacked.program}.`,
        },
      );
    case "not-compressed":
    case "damaged":
      throw codedError("IMAGE_UNREADABLE", `${file} is an EFI zboot image whose content cannot be unpacked`, {
        hint: "The file may be cut off: build or fetch it again.",
      });
    default:
      return unpacked satisfies never;
  }
}
