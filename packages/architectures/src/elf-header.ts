import type { ElfMachine } from "./facts.js";

/** The head of an ELF file. Source: elf(5). */
export interface ElfHeader extends ElfMachine {
  /** Where the table of the segments (program headers) is, in bytes of the file. */
  readonly table: { readonly offset: number; readonly entryBytes: number; readonly entries: number };
}

/** A segment (program header). */
export interface ElfSegment {
  /** PT_LOAD, PT_INTERP, ... */
  readonly type: number;
  /** In the file, in bytes. */
  readonly offset: number;
  readonly address: number;
  /** Its length in the file. */
  readonly bytes: number;
}

/** As many bytes of a file as hold its header. */
export const elfHeaderBytes = 64;

/** Reads the beginning of an ELF file; null for another kind of file, and for one that is cut off. Reads no file. */
export function parseElfHeader(head: Uint8Array): ElfHeader | null {
  const [first, e, l, f, size, encoding] = head;
  if (first !== 0x7f || e !== 0x45 || l !== 0x4c || f !== 0x46) return null;
  const bits = size === 2 ? 64 : 32;
  if (head.length < (bits === 64 ? 64 : 52)) return null;
  const order = encoding === 2 ? "big" : "little";
  const { half, word, long } = numbersOf(head, order);
  return {
    machine: half(18),
    bits,
    order,
    table:
      bits === 64
        ? { offset: long(32), entryBytes: half(54), entries: half(56) }
        : { offset: word(28), entryBytes: half(42), entries: half(44) },
  };
}

/** The segments in the bytes of their table; those that are not whole in it are left out. */
export function parseElfSegments({ bits, order, table }: ElfHeader, bytes: Uint8Array): ElfSegment[] {
  const { word, long } = numbersOf(bytes, order);
  const { entryBytes } = table;
  if (entryBytes < (bits === 64 ? 56 : 32)) return [];
  const whole = Math.min(table.entries, Math.floor(bytes.length / entryBytes));
  return Array.from({ length: whole }, (_, index) => {
    const at = index * entryBytes;
    return bits === 64
      ? { type: word(at), offset: long(at + 8), address: long(at + 16), bytes: long(at + 32) }
      : { type: word(at), offset: word(at + 4), address: word(at + 8), bytes: word(at + 16) };
  });
}

function numbersOf(
  bytes: Uint8Array,
  order: ElfMachine["order"],
): Record<"half" | "word" | "long", (at: number) => number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = order === "little";
  return {
    half: (at) => view.getUint16(at, little),
    word: (at) => view.getUint32(at, little),
    long: (at) => Number(view.getBigUint64(at, little)),
  };
}
