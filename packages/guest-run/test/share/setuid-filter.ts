/**
 * What guest/no-setuid-*.bpf are made by: seccomp filters that refuse to set a setuid bit (and a setgid bit, as a mask says). After a change:
 *
 *     node --input-type=module -e 'import { setuidFilter } from "./setuid-filter.ts"; ...writeFileSync(...)'
 *
 * Sources: linux/filter.h, linux/seccomp.h, linux/audit.h, the tables of system calls of arch/x86 and include/uapi/asm-generic/unistd.h.
 */

/** What is done with a system call: its mode is looked at, always or where it makes a file; or it is taken for unknown. */
type Block = "mode1" | "mode2" | "open1" | "open2" | "unknown";

/** By the number of a call: chmod(path, mode), fchmodat(directory, path, mode), open(path, flags, mode), openat(directory, path, flags, mode)... */
const X86_64: readonly (readonly [number: number, Block])[] = [
  [2, "open1"], // open
  [85, "mode1"], // creat
  [90, "mode1"], // chmod
  [91, "mode1"], // fchmod
  [133, "mode1"], // mknod
  [257, "open2"], // openat
  [259, "mode2"], // mknodat
  [268, "mode2"], // fchmodat
  [452, "mode2"], // fchmodat2
  [437, "unknown"], // openat2: its mode is in memory; whoever has it takes openat then
];

/** arm64 and riscv64. */
const GENERIC: readonly (readonly [number: number, Block])[] = [
  [33, "mode2"], // mknodat
  [52, "mode1"], // fchmod
  [53, "mode2"], // fchmodat
  [56, "open2"], // openat
  [452, "mode2"], // fchmodat2
  [437, "unknown"], // openat2
];

const ARCHITECTURES: readonly (readonly [audit: number, calls: typeof X86_64])[] = [
  [0xc0_00_00_3e, X86_64],
  [0xc0_00_00_b7, GENERIC],
  [0xc0_00_00_f3, GENERIC],
];

/** O_CREAT and __O_TMPFILE. */
const MAKES_FILE = 0o100 | 0o20_000_000;
const EPERM = 1;
const ENOSYS = 38;

interface Instruction {
  readonly code: number;
  readonly value: number;
  /** Labels; the next instruction where there is none. */
  readonly yes?: string;
  readonly no?: string;
  readonly label?: string;
}

const load = (offset: number, label?: string): Instruction => ({
  code: 0x20,
  value: offset,
  ...(label === undefined ? {} : { label }),
});
const argument = (index: number, label?: string): Instruction => load(16 + 8 * index, label);
const ifEqual = (value: number, yes: string): Instruction => ({ code: 0x15, value, yes });
const ifSet = (value: number, yes: string, no: string): Instruction => ({ code: 0x45, value, yes, no });
const end = (label: string, value: number): Instruction => ({ code: 0x06, value, label });
const refusal = (error: number): number => 0x00_05_00_00 | error;
const ALLOW = 0x7f_ff_00_00;

/** @param mask the bits of a mode that are refused: 0o4000, 0o6000 */
export function setuidFilter(mask: number): Buffer {
  const tables = ARCHITECTURES.map(([audit, calls]): Instruction[] => [
    { code: 0x15, value: audit, no: `not ${audit}` },
    load(0),
    ...calls.map(([number, block]) => ifEqual(number, block)),
    // Jumps forward are the only ones.
    end("", ALLOW),
    load(4, `not ${audit}`),
  ]);
  return assemble([
    load(4),
    ...tables.flat(),
    end("", ALLOW),
    argument(1, "open1"),
    ifSet(MAKES_FILE, "mode2", "allow"),
    argument(2, "open2"),
    ifSet(MAKES_FILE, "mode3", "allow"),
    argument(1, "mode1"),
    ifSet(mask, "refuse", "allow"),
    argument(2, "mode2"),
    ifSet(mask, "refuse", "allow"),
    argument(3, "mode3"),
    ifSet(mask, "refuse", "allow"),
    end("refuse", refusal(EPERM)),
    end("unknown", refusal(ENOSYS)),
    end("allow", ALLOW),
  ]);
}

function assemble(program: readonly Instruction[]): Buffer {
  const distance = (from: number, label: string | undefined): number =>
    label === undefined ? 0 : program.findIndex((other) => other.label === label) - from - 1;
  return Buffer.concat(
    program.map(({ code, value, yes, no }, index) => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt16LE(code, 0);
      bytes.writeUInt8(distance(index, yes), 2);
      bytes.writeUInt8(distance(index, no), 3);
      bytes.writeUInt32LE(value, 4);
      return bytes;
    }),
  );
}
