import { spawnSync } from "node:child_process";
import { constants, gunzipSync } from "node:zlib";
import { errorCode } from "@vm/command-plan";

/** The format names its memory itself, up to 4 GiB; xz -9 takes 65 MiB. */
const memoryLimit = "--memlimit-decompress=512MiB";

/** A way in which kernels and modules are compressed, how it is known, and the program that undoes it (gzip: Node itself). */
export interface CompressionFormat {
  readonly name: "gzip" | "xz" | "zstd" | "lz4" | "bzip2" | "lzma" | "lzop";
  readonly magic: Buffer;
  readonly argv: readonly [string, ...string[]];
}

// Source: scripts/extract-vmlinux and lib/decompress.c of the kernel. All of these programs copy what is not compressed to stderr only.
const formats: readonly CompressionFormat[] = [
  { name: "gzip", magic: Buffer.from([0x1f, 0x8b, 0x08]), argv: ["gzip", "-dc"] },
  {
    name: "xz",
    magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
    argv: ["xz", "-dc", "--single-stream", memoryLimit],
  },
  { name: "zstd", magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), argv: ["zstd", "-dcq"] },
  { name: "lz4", magic: Buffer.from([0x02, 0x21, 0x4c, 0x18]), argv: ["lz4", "-dcq"] },
  { name: "bzip2", magic: Buffer.from("BZh"), argv: ["bzip2", "-dc"] },
  { name: "lzma", magic: Buffer.from([0x5d, 0x00, 0x00]), argv: ["xz", "-dc", "--format=lzma", memoryLimit] },
  {
    name: "lzop",
    magic: Buffer.from([0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a]),
    argv: ["lzop", "-dc"],
  },
];

/** The format that starts at `position`, or null. */
export function formatAt(bytes: Buffer, position: number): CompressionFormat | null {
  return formats.find(({ magic }) => bytes.subarray(position, position + magic.length).equals(magic)) ?? null;
}

/** The positions, in order, at which something that looks compressed begins; the short magics give false ones too. */
export function compressedPositions(bytes: Buffer): number[] {
  return formats
    .flatMap(({ magic }) => {
      const found: number[] = [];
      for (let at = bytes.indexOf(magic); at !== -1; at = bytes.indexOf(magic, at + 1)) found.push(at);
      return found;
    })
    .toSorted((a, b) => a - b);
}

export interface DecompressLimits {
  readonly maxBytes: number;
  /** `whole`: cut off data, or something behind it, is damage. `beginning`: what there is counts, and what follows is passed over. */
  readonly extent: "whole" | "beginning";
}

/** What came of it: the bytes; or why there are none. */
export type Decompressed =
  | { readonly kind: "data"; readonly data: Buffer }
  /** The program for it is not installed. */
  | { readonly kind: "program-missing"; readonly program: string }
  /** It would be more than `maxBytes`. */
  | { readonly kind: "too-large" }
  | { readonly kind: "damaged"; readonly reason: string };

/** Undoes a compression in memory, within a limit: a few kilobytes can be packed so that they fill the memory of any machine. */
export function decompress(
  bytes: Buffer,
  format: CompressionFormat,
  { maxBytes, extent }: DecompressLimits,
): Decompressed {
  if (format.name === "gzip") {
    // Sync flush: a payload whose end was cut off gives what it has.
    const flush = extent === "beginning" ? { finishFlush: constants.Z_SYNC_FLUSH } : {};
    try {
      return { kind: "data", data: gunzipSync(bytes, { ...flush, maxOutputLength: maxBytes }) };
    } catch (error) {
      if (errorCode(error) === "ERR_BUFFER_TOO_LARGE") return { kind: "too-large" };
      return { kind: "damaged", reason: error instanceof Error ? error.message : String(error) };
    }
  }
  const [program, ...args] = format.argv;
  const { stdout, stderr, status, error } = spawnSync(program, args, { input: bytes, maxBuffer: maxBytes });
  if (errorCode(error) === "ENOENT") return { kind: "program-missing", program };
  if (errorCode(error) === "ENOBUFS") return { kind: "too-large" };
  // These programs complain of what follows the data, after having written all of it.
  const isGood = extent === "beginning" ? stdout !== null && stdout.length > 0 : status === 0;
  if (isGood) return { kind: "data", data: stdout };
  return {
    kind: "damaged",
    reason: error?.message ?? (stderr.toString().trim() || `${program} ended with ${status}`),
  };
}
