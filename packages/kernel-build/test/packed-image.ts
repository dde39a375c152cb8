import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";

const compressors = {
  gzip: ["gzip", "-n9"],
  xz: ["xz", "--check=crc32"],
  zstd: ["zstd", "-q"],
  lz4: ["lz4", "-l", "-c"],
  bzip2: ["bzip2", "-9"],
  lzma: ["xz", "--format=lzma"],
} as const satisfies Record<string, readonly [string, ...string[]]>;

type Compressor = keyof typeof compressors;

export const compressorNames: readonly Compressor[] = ["gzip", "xz", "zstd", "lz4", "bzip2", "lzma"];

/** A kernel as the linker leaves it, as far as is looked at: a banner, and with `config` what CONFIG_IKCONFIG puts in it. */
export function makeKernel(content: { readonly release: string; readonly config?: string }): Buffer {
  const noise = Buffer.from(Array.from({ length: 40_000 }, (_, index) => (index * index) % 251));
  const config =
    content.config === undefined
      ? []
      : [Buffer.from("IKCFG_ST"), gzipSync(content.config), Buffer.from("IKCFG_ED")];
  return Buffer.concat([
    Buffer.from("\x7fELF"),
    noise,
    Buffer.from("Linux version %s (%s)\0"),
    Buffer.from(`Linux version ${content.release} (vm@vm) (gcc) #1 SMP\n\0`),
    ...config,
    noise,
  ]);
}

export function compress(data: Buffer, compressor: Compressor): Buffer {
  const [program, ...args] = compressors[compressor];
  return execFileSync(program, args, { input: data, maxBuffer: 1 << 28, stdio: ["pipe", "pipe", "ignore"] });
}

/** The header of the x86 boot protocol around a compressed kernel. */
export function makeBzImage(kernel: Buffer, compressor: Compressor, release: string): Buffer {
  const compressed = compress(kernel, compressor);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(kernel.length);
  const payload = compressor === "gzip" ? compressed : Buffer.concat([compressed, size]);
  const header = Buffer.alloc(5 * 512 + 0x100);
  header.writeUInt8(4, 0x1f1);
  header.write("HdrS", 0x202, "latin1");
  header.writeUInt16LE(0x400 - 0x200, 0x20e);
  header.write(`${release} (vm@vm) #1 SMP\0`, 0x400, "latin1");
  header.writeUInt32LE(0x100, 0x248);
  header.writeUInt32LE(payload.length, 0x24c);
  return Buffer.concat([header, payload, Buffer.alloc(700, 0xcc)]);
}

/** The header of an EFI zboot image. */
export function makeZboot(kernel: Buffer, compressor: Compressor): Buffer {
  const payload = compress(kernel, compressor);
  const header = Buffer.alloc(0x200);
  header.write("MZ", 0, "latin1");
  header.write("zimg", 4, "latin1");
  header.writeUInt32LE(header.length, 8);
  header.writeUInt32LE(payload.length, 12);
  header.write(compressor, 24, "latin1");
  return Buffer.concat([header, payload, Buffer.alloc(64)]);
}
