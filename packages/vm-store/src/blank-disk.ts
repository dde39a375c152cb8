import { closeSync, fstatSync, readSync } from "node:fs";
import { openRegular } from "@vm/host-files";

/**
 * Whether nothing was ever written to a disk image: a qcow2 without a single cluster, or a raw one that begins with zeros. False where it
 * cannot be told. Source: docs/interop/qcow2.txt of QEMU.
 */
export function isBlankDisk(file: string): boolean {
  let descriptor: number;
  try {
    descriptor = openRegular(file);
  } catch {
    return false;
  }
  try {
    const read = (from: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, from));
    };
    const head = read(0, 104);
    if (head.toString("latin1", 0, 4) !== "QFI\xfb") {
      return fstatSync(descriptor).size > 0 && isZero(read(0, rawBytes));
    }
    if (head.length < 72 || head.readBigUInt64BE(8) !== 0n) return false;
    const [entries, table] = [head.readUInt32BE(36), Number(head.readBigUInt64BE(40))];
    return entries <= maxEntries && isZero(read(table, entries * 8));
  } finally {
    closeSync(descriptor);
  }
}

/** The boot sector, the partition tables, and the beginning of every file system. */
const rawBytes = 128 << 10;
/** Of a disk of 64 TiB. */
const maxEntries = 1 << 17;

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
