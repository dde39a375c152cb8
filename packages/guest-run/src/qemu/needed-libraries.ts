import { closeSync, openSync, readSync } from "node:fs";
import { elfHeaderBytes, parseElfHeader, parseElfSegments } from "@vm/architectures";

/** DT_NEEDED, DT_STRTAB and PT_LOAD, PT_DYNAMIC of elf(5). */
const [needed, stringTable] = [1, 5];
const [load, dynamic] = [1, 2];

/**
 * The shared libraries that a 64-bit program of this machine's byte order names, as ldd(1) begins with; empty for any other file, such as
 * a script that starts a program. A few reads, and nothing is started.
 */
export function neededLibraries(program: string): readonly string[] {
  let file: number;
  try {
    file = openSync(program, "r");
  } catch {
    return [];
  }
  try {
    return readNeeded((from, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, from));
    });
  } catch {
    // Cut off, or made up: no program that could be started.
    return [];
  } finally {
    closeSync(file);
  }
}

function readNeeded(read: (from: number, length: number) => Buffer): string[] {
  const header = parseElfHeader(read(0, elfHeaderBytes));
  const own = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? "little" : "big";
  if (header === null || header.bits !== 64 || header.order !== own) return [];
  const { offset, entryBytes, entries: count } = header.table;
  const segments = parseElfSegments(header, read(offset, entryBytes * count));
  const section = segments.find(({ type }) => type === dynamic);
  if (section === undefined) return [];
  const entries = read(section.offset, Math.min(section.bytes, maxBytes));
  const names: number[] = [];
  let strings = 0;
  for (let at = 0; at + 16 <= entries.length; at += 16) {
    const tag = long(entries, at, own);
    if (tag === needed) names.push(long(entries, at + 8, own));
    if (tag === stringTable) strings = long(entries, at + 8, own);
  }
  const holder = segments.find(
    ({ type, address, bytes }) => type === load && address <= strings && strings < address + bytes,
  );
  if (holder === undefined || names.length === 0) return [];
  const start = holder.offset + strings - holder.address;
  // One read for all: QEMU names some sixty.
  const first = Math.min(...names);
  const block = read(start + first, Math.min(Math.max(...names) - first + 256, maxBytes)).toString("latin1");
  return names.map((name) => block.slice(name - first, block.indexOf("\0", name - first)));
}

function long(bytes: Buffer, at: number, order: "big" | "little"): number {
  return Number(order === "little" ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
}

const maxBytes = 1 << 16;
