import { closeSync, readSync } from "node:fs";
import { openRegular } from "@vm/host-files";

/** What the head of an ELF file says. Source: elf(5). */
export interface ElfFacts {
  /** The number of the machine. */
  readonly machine: number;
  readonly bits: 32 | 64;
  readonly order: "big" | "little";
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
  return length < 64 || !isElf(head) ? null : factsOf(head.subarray(0, length));
}

export function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

function factsOf(head: Buffer): ElfFacts {
  const is64 = head[4] === 2;
  const big = head[5] === 2;
  const half = (at: number): number => (big ? head.readUInt16BE(at) : head.readUInt16LE(at));
  const word = (at: number): number => (big ? head.readUInt32BE(at) : head.readUInt32LE(at));
  // The low half of the 64-bit offset is enough: the program headers follow the file's header.
  const table = word(is64 ? (big ? 36 : 32) : 28);
  const size = half(is64 ? 54 : 42);
  const count = half(is64 ? 56 : 44);
  let linking: ElfFacts["linking"] = "static";
  for (let at = table, n = 0; n < count && at + 4 <= head.length; n++, at += size) {
    if (word(at) === interpreter) linking = "dynamic";
  }
  return { machine: half(18), bits: is64 ? 64 : 32, order: big ? "big" : "little", linking };
}

/** PT_INTERP */
const interpreter = 3;
