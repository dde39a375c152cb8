import { closeSync, openSync, readSync } from "node:fs";

const PT_NOTE = 4;

/**
 * The text of the note VMCOREINFO of a 64-bit ELF core: lines of `KEY=VALUE`, by which crash and drgn know the kernel.
 * Source: elf(5); the kernel's Documentation/admin-guide/kdump/vmcoreinfo.rst.
 */
export function dumpNote(file: string): string {
  const fd = openSync(file, "r");
  const read = (position: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    readSync(fd, bytes, 0, length, position);
    return bytes;
  };
  try {
    const header = read(0, 64);
    if (header.toString("latin1", 1, 4) !== "ELF") throw new Error(`${file} is no ELF file`);
    const [offset, size, count] = [
      Number(header.readBigUInt64LE(32)),
      header.readUInt16LE(54),
      header.readUInt16LE(56),
    ];
    for (let index = 0; index < count; index++) {
      const segment = read(offset + index * size, size);
      if (segment.readUInt32LE(0) !== PT_NOTE) continue;
      const note = noteOf(read(Number(segment.readBigUInt64LE(8)), Number(segment.readBigUInt64LE(32))));
      if (note !== undefined) return note;
    }
    throw new Error(`${file} has no note VMCOREINFO`);
  } finally {
    closeSync(fd);
  }
}

function noteOf(notes: Buffer): string | undefined {
  for (let at = 0; at + 12 <= notes.length;) {
    const [nameSize, textSize] = [notes.readUInt32LE(at), notes.readUInt32LE(at + 4)];
    const text = at + 12 + padded(nameSize);
    if (notes.toString("latin1", at + 12, at + 12 + nameSize - 1) === "VMCOREINFO") {
      return notes.toString("latin1", text, text + textSize);
    }
    at = text + padded(textSize);
  }
  return undefined;
}

/** Notes are aligned to four bytes. */
function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}
