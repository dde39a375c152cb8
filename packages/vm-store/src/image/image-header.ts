import { closeSync, readSync } from "node:fs";
import { openSeen } from "@vm/host-files";

/** What a disk image says of itself, read without a program. */
export interface ImageHeader {
  /** By its first bytes; whatever is not known is `raw`, as QEMU has it. */
  readonly format: "qcow2" | "raw";
  /** Bytes that the guest sees. */
  readonly sizeBytes: number;
  /** Bytes that it takes of the host's disk. */
  readonly usedBytes: number;
  /** What it stands on, as it stands there: relative to the image's own directory. */
  readonly backingFile?: string;
  /** Its internal snapshots. */
  readonly snapshotCount: number;
}

/** The header of a qcow2, and the name of a backing file behind it, are within the first cluster. */
const headBytes = 2048;
/** Nothing of it is kept: one for ten thousand images. */
const head = Buffer.allocUnsafe(headBytes);

/**
 * Reads the header of a disk image. Takes no lock, and no program. Source: docs/interop/qcow2.txt of QEMU.
 * @throws what `openSeen` throws
 */
export function readImageHeader(file: string): ImageHeader {
  const { descriptor, stats } = openSeen(file);
  try {
    const { size, blocks } = stats;
    const length = readSync(descriptor, head, 0, headBytes, 0);
    const usedBytes = blocks * 512;
    if (length < 72 || head.readUInt32BE(0) !== qcowMagic || head.readUInt32BE(4) < 2) {
      return { format: "raw", sizeBytes: size, usedBytes, snapshotCount: 0 };
    }
    const backingFile = readBackingFile(descriptor);
    return {
      format: "qcow2",
      sizeBytes: Number(head.readBigUInt64BE(24)),
      usedBytes,
      ...(backingFile === undefined ? {} : { backingFile }),
      snapshotCount: head.readUInt32BE(60),
    };
  } finally {
    closeSync(descriptor);
  }
}

/** `QFI\xfb`. */
const qcowMagic = 0x51_46_49_fb;

function readBackingFile(descriptor: number): string | undefined {
  const offset = Number(head.readBigUInt64BE(8));
  // At most 1023 bytes, says the format.
  const length = Math.min(head.readUInt32BE(16), 1023);
  if (offset === 0 || length === 0) return undefined;
  const name = Buffer.alloc(length);
  return name.toString("utf8", 0, readSync(descriptor, name, 0, length, offset));
}
