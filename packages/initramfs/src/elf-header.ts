import { closeSync, readSync } from "node:fs";
import { parseElfHeader, parseElfSegments, type ElfMachine } from "@vm/architectures";
import { openRegular } from "@vm/host-files";

/** What the head of an ELF file says. Source: elf(5). */
export interface ElfFacts extends ElfMachine {
  /** `dynamic`: it names a program interpreter, without which it cannot start. */
  readonly linking: "static" | "dynamic";
}

/** Reads the head of an ELF file; null for another kind of file. */
export function readElfFacts(path: string): ElfFacts | null {
  const head = Buffer.alloc(4096);
  const file = openRegular(path);
  let length: number;
  try {
    length = readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  return factsOf(head.subarray(0, length));
}

export function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

function factsOf(head: Buffer): ElfFacts | null {
  const header = parseElfHeader(head);
  if (header === null) return null;
  const { machine, bits, order, table } = header;
  // The program headers follow the file's header.
  const segments = parseElfSegments(header, head.subarray(Math.min(table.offset, head.length)));
  const linking = segments.some(({ type }) => type === interpreter) ? "dynamic" : "static";
  return { machine, bits, order, linking };
}

/** PT_INTERP */
const interpreter = 3;
