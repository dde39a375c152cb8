import { closeSync, readSync } from "node:fs";
import { elfHeaderBytes, parseElfHeader, type ElfHeader } from "@vm/architectures";
import { openRegular } from "@vm/host-files";

/** A function of a kernel or a module. */
export interface CodeSymbol {
  /** In a kernel the address that it was linked for; in a module from the beginning of its section. */
  readonly address: bigint;
  /** Bytes, as the compiler says; 0 where it does not. */
  readonly size: bigint;
  /** `.text`, `.init.text`; null for a symbol that is in none. */
  readonly section: string | null;
}

export interface ElfSymbols {
  readonly header: ElfHeader;
  /** Whether lines can be told: there is `.debug_line`. */
  readonly hasLines: boolean;
  /** In the order of the table, those of a name together. */
  readonly symbols: ReadonlyMap<string, readonly CodeSymbol[]>;
}

/** More than any kernel's tables have. */
const MAX_TABLE_BYTES = 512 << 20;

/**
 * Reads the functions of an ELF file: of a vmlinux of a gigabyte only its tables are read. Null for another kind of file, and for one that is
 * damaged. Source: elf(5).
 * @throws what openRegular throws
 */
export function readElfSymbols(path: string): ElfSymbols | null {
  const file = openRegular(path);
  try {
    return readTables((offset, bytes) => readAt(file, offset, bytes));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  } finally {
    closeSync(file);
  }
}

type Read = (offset: number, bytes: number) => Buffer;

function readAt(file: number, offset: number, bytes: number): Buffer {
  if (!Number.isSafeInteger(offset) || bytes > MAX_TABLE_BYTES) throw new RangeError("a table too large");
  const buffer = Buffer.alloc(bytes);
  let at = 0;
  while (at < bytes) {
    const read = readSync(file, buffer, at, bytes - at, offset + at);
    if (read === 0) throw new RangeError("the file is cut off");
    at += read;
  }
  return buffer;
}

interface Section {
  readonly name: string;
  readonly type: number;
  readonly isCode: boolean;
  readonly offset: number;
  readonly bytes: number;
  readonly link: number;
}

const SYMTAB = 2;
const EXECINSTR = 4n;

function readTables(read: Read): ElfSymbols | null {
  const head = read(0, elfHeaderBytes);
  const header = parseElfHeader(head);
  if (header === null) return null;
  const sections = readSections(read, head, header);
  const symbols = new Map<string, CodeSymbol[]>();
  const table = sections.find(({ type }) => type === SYMTAB);
  const strings = table === undefined ? undefined : sections[table.link];
  if (table !== undefined && strings !== undefined) {
    const texts = read(strings.offset, strings.bytes);
    for (const { name, symbol } of eachSymbol(read(table.offset, table.bytes), {
      texts,
      header,
      sections,
    })) {
      const known = symbols.get(name);
      if (known === undefined) symbols.set(name, [symbol]);
      else known.push(symbol);
    }
  }
  return { header, hasLines: sections.some(({ name }) => name === ".debug_line"), symbols };
}

function readSections(read: Read, head: Buffer, header: ElfHeader): Section[] {
  const is64 = header.bits === 64;
  const { half, word, long } = numbers(head, header);
  const offset = is64 ? Number(long(40)) : word(32);
  const [entry, count, namesAt] = is64 ? [half(58), half(60), half(62)] : [half(46), half(48), half(50)];
  if (entry < (is64 ? 64 : 40)) return [];
  const table = read(offset, entry * count);
  const of = numbers(table, header);
  const raw = Array.from({ length: count }, (_, index) => {
    const at = index * entry;
    return is64
      ? {
          name: of.word(at),
          type: of.word(at + 4),
          isCode: (of.long(at + 8) & EXECINSTR) !== 0n,
          offset: Number(of.long(at + 24)),
          bytes: Number(of.long(at + 32)),
          link: of.word(at + 40),
        }
      : {
          name: of.word(at),
          type: of.word(at + 4),
          isCode: (BigInt(of.word(at + 8)) & EXECINSTR) !== 0n,
          offset: of.word(at + 16),
          bytes: of.word(at + 20),
          link: of.word(at + 24),
        };
  });
  const strings = raw[namesAt];
  const texts = strings === undefined ? Buffer.alloc(0) : read(strings.offset, strings.bytes);
  return raw.map((section) => ({ ...section, name: textAt(texts, section.name) }));
}

function* eachSymbol(
  table: Buffer,
  {
    texts,
    header,
    sections,
  }: {
    readonly texts: Buffer;
    readonly header: ElfHeader;
    readonly sections: readonly Section[];
  },
): Generator<{ name: string; symbol: CodeSymbol }> {
  const is64 = header.bits === 64;
  const bytes = is64 ? 24 : 16;
  const { half, word, long } = numbers(table, header);
  for (let at = 0; at + bytes <= table.length; at += bytes) {
    const section = sections[half(at + (is64 ? 6 : 14))];
    if (section?.isCode !== true) continue;
    const name = textAt(texts, word(at));
    const symbol = is64
      ? { address: long(at + 8), size: long(at + 16), section: section.name }
      : { address: BigInt(word(at + 4)), size: BigInt(word(at + 8)), section: section.name };
    yield { name, symbol };
  }
}

function textAt(texts: Buffer, at: number): string {
  const end = texts.indexOf(0, at);
  return texts.toString("latin1", at, end === -1 ? texts.length : end);
}

function numbers(
  bytes: Buffer,
  { order }: ElfHeader,
): {
  readonly half: (at: number) => number;
  readonly word: (at: number) => number;
  readonly long: (at: number) => bigint;
} {
  return order === "little"
    ? {
        half: (at) => bytes.readUInt16LE(at),
        word: (at) => bytes.readUInt32LE(at),
        long: (at) => bytes.readBigUInt64LE(at),
      }
    : {
        half: (at) => bytes.readUInt16BE(at),
        word: (at) => bytes.readUInt32BE(at),
        long: (at) => bytes.readBigUInt64BE(at),
      };
}
