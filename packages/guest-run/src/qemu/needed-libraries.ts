import { closeSync, openSync, readSync } from "node:fs";

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
  const head = read(0, 64);
  const little = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  if (head.toString("latin1", 0, 4) !== "\x7fELF" || head[4] !== 2 || head[5] !== (little ? 1 : 2)) return [];
  const half = (bytes: Buffer, at: number): number =>
    little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  const word = (bytes: Buffer, at: number): number =>
    little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  const long = (bytes: Buffer, at: number): number =>
    Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  const size = half(head, 54);
  const table = read(long(head, 32), size * half(head, 56));
  const segments = Array.from({ length: table.length / size }, (_, index) => {
    const at = index * size;
    const [type, offset, address, bytes] = [
      word(table, at),
      long(table, at + 8),
      long(table, at + 16),
      long(table, at + 32),
    ];
    return { type, offset, address, bytes };
  });
  const section = segments.find(({ type }) => type === dynamic);
  if (section === undefined) return [];
  const entries = read(section.offset, Math.min(section.bytes, maxBytes));
  const names: number[] = [];
  let strings = 0;
  for (let at = 0; at + 16 <= entries.length; at += 16) {
    const tag = long(entries, at);
    if (tag === needed) names.push(long(entries, at + 8));
    if (tag === stringTable) strings = long(entries, at + 8);
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

const maxBytes = 1 << 16;
