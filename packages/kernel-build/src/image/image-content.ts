import { gunzipSync } from "node:zlib";
import { compressedPositions, formatAt } from "@vm/host-files";
import type { Unpacked } from "./decompression.js";
import { maxConfigBytes, unpack } from "./decompression.js";
import { checkedRelease, isRelease } from "../release-name.js";

/** What a kernel image says of itself. */
export interface ImageContent {
  /** The text of its `.config`, or null where it was built without CONFIG_IKCONFIG. */
  readonly config: string | null;
  /** What `uname -r` will say; null where it was not found. */
  readonly release: string | null;
  /** A program that was missing to look inside. */
  readonly missing?: { readonly format: string; readonly program: string };
}

/** As many false starts are tried of what only looks compressed. */
const MAX_TRIES = 24;

/**
 * Looks into an image of any kind: vmlinux, bzImage, Image, Image.gz, an EFI zboot image. Its `.config` stands between
 * `IKCFG_ST` and `IKCFG_ED`, packed with gzip (kernel/configs.c), in the kernel itself, which may be packed in turn. `origin`, for
 * errors: the file. Throws RELEASE_INVALID, IMAGE_TOO_LARGE.
 */
export function readImage(image: Buffer, origin: string = "the image"): ImageContent {
  const plain = contentOf(image);
  if (plain.config !== null) return { ...plain, release: plain.release ?? bzImageRelease(image, origin) };
  let missing: ImageContent["missing"];
  let release = bzImageRelease(image, origin) ?? plain.release;
  for (const payload of payloads(image)) {
    const unpacked: Unpacked = unpack(payload, origin);
    if (unpacked.kind === "program-missing")
      missing ??= { format: unpacked.format, program: unpacked.program };
    if (unpacked.kind !== "data") continue;
    const inner = contentOf(unpacked.data);
    release ??= inner.release;
    if (inner.config !== null) return { config: inner.config, release };
    // A whole kernel was seen, and it has no configuration in it.
    if (inner.release !== null) return { config: null, release };
  }
  return { config: null, release, ...(missing === undefined ? {} : { missing }) };
}

/** The release of an image of any kind; null where it was not found. Of a packed kernel all of it is unpacked. */
export function releaseInside(image: Buffer, origin: string): string | null {
  const plain = bzImageRelease(image, origin) ?? bannerRelease(image);
  if (plain !== null) return plain;
  for (const payload of payloads(image)) {
    const unpacked = unpack(payload, origin);
    const release = unpacked.kind === "data" ? bannerRelease(unpacked.data) : null;
    if (release !== null) return release;
  }
  return null;
}

/** Where the kernel may be inside of the image: as its header says, else wherever something looks compressed. */
function payloads(image: Buffer): Buffer[] {
  const said = bzImagePayload(image) ?? zbootPayload(image);
  if (said !== null && formatAt(said, 0) !== null) return [said];
  return compressedPositions(image)
    .slice(0, MAX_TRIES)
    .map((position) => image.subarray(position));
}

/** Source: Documentation/arch/x86/boot.rst, payload_offset and payload_length. */
function bzImagePayload(image: Buffer): Buffer | null {
  if (!isBzImage(image)) return null;
  const setupSectors = image.readUInt8(0x1f1) || 4;
  const start = (setupSectors + 1) * 512 + image.readUInt32LE(0x248);
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c));
  // Four bytes with the size are added to all but gzip, which has them anyway (scripts/Makefile.lib, size_append).
  return formatAt(payload, 0)?.name === "gzip" ? payload : payload.subarray(0, -4);
}

/** The packed kernel in an EFI zboot image, else null. Source: drivers/firmware/efi/libstub/zboot-header.S: `zimg`, then the payload's offset and size. */
export function zbootPayload(image: Buffer): Buffer | null {
  if (image.length < 0x40 || image.toString("latin1", 4, 8) !== "zimg") return null;
  const start = image.readUInt32LE(8);
  return image.subarray(start, start + image.readUInt32LE(12));
}

export function isBzImage(image: Buffer): boolean {
  return image.length > 0x250 && image.toString("latin1", 0x202, 0x206) === "HdrS";
}

/** The release in the header of an x86 bzImage; null for anything else. Throws RELEASE_INVALID. Source: Documentation/arch/x86/boot.rst, kernel_version. */
export function bzImageRelease(image: Buffer, origin: string = "the image"): string | null {
  if (!isBzImage(image)) return null;
  const offset = image.readUInt16LE(0x20e);
  if (offset === 0) return null;
  const text = image.toString("latin1", offset + 0x200, offset + 0x200 + 128);
  const release = /^[^\s\0]+/.exec(text)?.[0];
  return release === undefined ? null : checkedRelease(release, origin);
}

const CONFIG_START = "IKCFG_ST";
const CONFIG_END = "IKCFG_ED";

/** What stands in a kernel that is not packed. */
function contentOf(kernel: Buffer): Pick<ImageContent, "config" | "release"> {
  let config: string | null = null;
  const start = kernel.indexOf(CONFIG_START);
  const end = start === -1 ? -1 : kernel.indexOf(CONFIG_END, start);
  if (end !== -1) {
    try {
      const packed = kernel.subarray(start + CONFIG_START.length, end);
      config = gunzipSync(packed, { maxOutputLength: maxConfigBytes }).toString("utf8");
    } catch {
      // The eight letters stood there by chance.
    }
  }
  return { config, release: bannerRelease(kernel) };
}

/** From `Linux version 6.1.0 (...`, the banner of every kernel. The format string of the same words comes with a `%s`. */
export function bannerRelease(kernel: Buffer): string | null {
  const words = "Linux version ";
  for (let at = kernel.indexOf(words); at !== -1; at = kernel.indexOf(words, at + 1)) {
    const text = kernel.toString("latin1", at + words.length, at + words.length + 128);
    const release = /^(\d[^\s\0]*) \(/.exec(text)?.[1];
    // Text that only looks like a banner may stand anywhere in an image.
    if (release !== undefined && isRelease(release)) return release;
  }
  return null;
}
