import { closeSync, readSync } from "node:fs";
import { elfHeaderBytes, parseElfHeader, parseElfSegments } from "@vm/architectures";
import { openRegular } from "@vm/host-files";

/**
 * Whether an x86 vmlinux has the note by which QEMU starts it (CONFIG_PVH): without it QEMU refuses the file. Source: elf(5), and
 * XEN_ELFNOTE_PHYS32_ENTRY in include/xen/interface/elfnote.h of the kernel.
 */
export function hasPvhNote(vmlinux: string): boolean {
  const file = openRegular(vmlinux);
  try {
    const read = (from: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, from));
    };
    const header = parseElfHeader(read(0, elfHeaderBytes));
    if (header === null) return false;
    const { offset, entryBytes, entries } = header.table;
    return parseElfSegments(header, read(offset, entryBytes * entries)).some(
      (segment) =>
        segment.type === noteSegment &&
        holdsNote(read(segment.offset, Math.min(segment.bytes, maxNotesBytes))),
    );
  } catch {
    // Cut off within its headers: QEMU would say so too.
    return false;
  } finally {
    closeSync(file);
  }
}

const noteSegment = 4;
const entryNote = 18;
const maxNotesBytes = 1 << 20;

function holdsNote(notes: Buffer): boolean {
  for (let at = 0; at + 12 <= notes.length;) {
    const [nameSize, size, type] = [0, 4, 8].map((offset) => notes.readUInt32LE(at + offset));
    if (nameSize === undefined || size === undefined) return false;
    if (type === entryNote && notes.toString("latin1", at + 12, at + 15) === "Xen") return true;
    at += 12 + padded(nameSize) + padded(size);
  }
  return false;
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
