import { closeSync, fstatSync, readSync } from "node:fs";
import {
  architectureOfVmlinux,
  knownArchitectures,
  parseElfHeader,
  type Architecture,
} from "@vm/architectures";
import { openRegular, readRegular } from "@vm/host-files";
import { imageLimit, unpack } from "./decompression.js";
import { bannerRelease, isBzImage, releaseInside, zbootPayload } from "./image-content.js";
import { imageRelease } from "./image-release.js";

/** What a kernel image is, by its first bytes. */
export interface ImageKind {
  readonly format: "bzImage" | "vmlinux" | "Image" | "Image.gz" | "zboot" | "zImage" | "EFI";
  /** Null where the format does not say it. */
  readonly arch: Architecture | null;
}

/** Enough for every header: that of s390 is the furthest inside. */
const headBytes = 0x11000;

/** What image a file is; null for anything else. Reads its beginning, and of an `Image.gz` unpacks it. Throws what node:fs throws. */
export function imageKind(file: string): ImageKind | null {
  const head = readHead(file);
  const kind = kindOfHead(head);
  if (kind !== null || head.readUInt16BE(0) !== 0x1f8b) return kind;
  const inner = unpack(readRegular(file, imageLimit), file);
  const packed = inner.kind === "data" ? kindOfHead(inner.data) : null;
  return packed === null ? null : { format: "Image.gz", arch: packed.arch };
}

/** The release that an image says of itself; null where it says none, or is packed with a program that is not here. */
export function imageFileRelease(file: string, { format }: ImageKind): string | null {
  switch (format) {
    case "bzImage":
      return imageRelease(file);
    case "vmlinux":
      return searchBanner(file);
    case "Image":
    case "Image.gz":
    case "zboot":
    case "zImage":
    case "EFI":
      return releaseInside(readRegular(file, imageLimit), file);
    default:
      return format satisfies never;
  }
}

function readHead(file: string): Buffer {
  const descriptor = openRegular(file);
  try {
    const head = Buffer.alloc(headBytes);
    readSync(descriptor, head, 0, headBytes, 0);
    return head;
  } finally {
    closeSync(descriptor);
  }
}

/** A vmlinux with debug information is half a gigabyte: it is read piece by piece. */
function searchBanner(file: string): string | null {
  const descriptor = openRegular(file);
  try {
    const { size } = fstatSync(descriptor);
    const piece = Buffer.alloc(Math.min(size, 1 << 22));
    for (let at = 0; at < size; at += piece.length - overlapBytes) {
      const length = readSync(descriptor, piece, 0, piece.length, at);
      const release = bannerRelease(piece.subarray(0, length));
      if (release !== null || at + length >= size) return release;
    }
    return null;
  } finally {
    closeSync(descriptor);
  }
}

const overlapBytes = 256;

/**
 * Sources: Documentation/arch/x86/boot.rst, arm64/booting.rst, riscv/boot-image-header.rst; loongarch and zboot headers
 * in drivers/firmware/efi/libstub; arch/arm/boot/compressed/head.S; arch/s390/boot/head.S; elf(5); the PE format.
 */
function kindOfHead(head: Buffer): ImageKind | null {
  if (head.length < 0x250) return null;
  const text = (from: number, length: number): string => head.toString("latin1", from, from + length);
  if (isBzImage(head)) {
    const is64 = head.readUInt16LE(0x206) >= 0x20c && (head.readUInt16LE(0x236) & 1) === 1;
    return { format: "bzImage", arch: is64 ? "x86_64" : "i386" };
  }
  if (text(0, 4) === "\x7fELF") return { format: "vmlinux", arch: elfArchitecture(head) };
  if (text(0, 2) === "MZ" && zbootPayload(head) !== null)
    return { format: "zboot", arch: peArchitecture(head) };
  if (text(0x38, 4) === "ARM\x64") return { format: "Image", arch: "aarch64" };
  if (text(0x38, 4) === "RSC\x05") return { format: "Image", arch: "riscv64" };
  if (head.readUInt32LE(0x24) === 0x016f2818) return { format: "zImage", arch: "arm" };
  if (text(0x10008, 6) === "S390EP") return { format: "Image", arch: "s390x" };
  if (text(0, 2) === "MZ" && peArchitecture(head) === "loongarch64")
    return { format: "EFI", arch: "loongarch64" };
  return null;
}

function elfArchitecture(head: Buffer): Architecture | null {
  const header = parseElfHeader(head);
  return header === null ? null : (architectureOfVmlinux(header)?.name ?? null);
}

function peArchitecture(head: Buffer): Architecture | null {
  const header = head.readUInt32LE(0x3c);
  if (header + 6 > head.length || head.toString("latin1", header, header + 4) !== "PE\0\0") return null;
  const machine = head.readUInt16LE(header + 4);
  return knownArchitectures.find(({ pe }) => pe === machine)?.name ?? null;
}
