import { closeSync, readSync } from "node:fs";
import { openRegular } from "@vm/host-files";

/** The fixed part of an entry of the table. */
const entryBytes = 40;

/** QEMU's own limit: a table that claims more is not believed. Source: block/qcow2.h. */
const mostSnapshots = 65_536;

/**
 * The names of the internal snapshots of a qcow2, in the order in which they stand there; none for another image. Takes no lock, and no
 * program. Source: docs/interop/qcow2.txt of QEMU.
 * @throws what `openRegular` throws
 */
export function readSnapshotNames(file: string): string[] {
  const descriptor = openRegular(file);
  try {
    const head = read(descriptor, 0, 72);
    if (head.length < 72 || head.readUInt32BE(0) !== 0x51_46_49_fb) return [];
    let offset = Number(head.readBigUInt64BE(64));
    const names: string[] = [];
    for (let left = Math.min(head.readUInt32BE(60), mostSnapshots); left > 0; left -= 1) {
      const entry = read(descriptor, offset, entryBytes);
      if (entry.length < entryBytes) break;
      const [idBytes, nameBytes, extraBytes] = [
        entry.readUInt16BE(12),
        entry.readUInt16BE(14),
        entry.readUInt32BE(36),
      ];
      names.push(read(descriptor, offset + entryBytes + extraBytes + idBytes, nameBytes).toString("utf8"));
      // Entries begin at multiples of eight.
      offset += Math.ceil((entryBytes + extraBytes + idBytes + nameBytes) / 8) * 8;
    }
    return names;
  } finally {
    closeSync(descriptor);
  }
}

function read(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
}
