import { spawnSync } from "node:child_process";
import { constants, gunzipSync } from "node:zlib";
import { codedError, errorCode } from "@vm/command-plan";

/** How large a kernel may be, packed or not: twice as large as one with everything built in, and all of its checkers. */
export const imageLimit: { readonly maxBytes: number } = { maxBytes: 512 << 20 };

/** How large a `.config` may be. Real ones have 300 KB. */
export const maxConfigBytes: number = 16 << 20;

/** The format names its memory itself, up to 4 GiB; xz -9 takes 65 MiB. */
const memoryLimit = "--memlimit-decompress=512MiB";

/** A way in which kernels are compressed, how it is known, and the program that undoes it (gzip: Node itself). */
interface Format {
  readonly name: "gzip" | "xz" | "zstd" | "lz4" | "bzip2" | "lzma" | "lzop";
  readonly magic: Buffer;
  readonly argv: readonly [string, ...string[]];
}

// Source: scripts/extract-vmlinux and lib/decompress.c of the kernel. All of these programs copy what is not compressed to stderr only.
const formats: readonly Format[] = [
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

/** What came of trying to unpack: the bytes; or why there are none. */
export type Unpacked =
  | { readonly kind: "data"; readonly data: Buffer }
  | { readonly kind: "not-compressed" }
  /** The program for it is not installed. */
  | { readonly kind: "program-missing"; readonly format: string; readonly program: string }
  | { readonly kind: "damaged"; readonly format: string };

/** The format that starts at `position`, or null. */
export function formatAt(bytes: Buffer, position: number): Format | null {
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

/**
 * Unpacks what begins with `bytes`. What follows the compressed data is passed over. `origin`, for the error: the file that they are of.
 * Throws IMAGE_TOO_LARGE: a few kilobytes can be packed so that they fill the memory of any machine.
 */
export function unpack(bytes: Buffer, origin: string): Unpacked {
  const format = formatAt(bytes, 0);
  if (format === null) return { kind: "not-compressed" };
  if (format.name === "gzip") {
    // Sync flush: a payload whose end was cut off gives what it has.
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: imageLimit.maxBytes };
    try {
      return { kind: "data", data: gunzipSync(bytes, options) };
    } catch (error) {
      if (errorCode(error) === "ERR_BUFFER_TOO_LARGE") throw tooLarge(origin, format.name);
      return { kind: "damaged", format: format.name };
    }
  }
  const [program, ...args] = format.argv;
  // Not imported, as zlib is not: most runs boot what no one has to look into.
  const run = spawnSync(program, args, {
    input: bytes,
    maxBuffer: imageLimit.maxBytes,
    stdio: ["pipe", "pipe", "ignore"],
  });
  if (errorCode(run.error) === "ENOENT") {
    return { kind: "program-missing", format: format.name, program };
  }
  if (errorCode(run.error) === "ENOBUFS") throw tooLarge(origin, format.name);
  // Not the exit status: these programs complain of what follows the data, after having written all of it.
  if (run.stdout === null || run.stdout.length === 0) return { kind: "damaged", format: format.name };
  return { kind: "data", data: run.stdout };
}

function tooLarge(origin: string, format: string): Error {
  const limit = `${imageLimit.maxBytes >> 20} MiB`;
  return codedError("IMAGE_TOO_LARGE", `what is packed in ${origin} with ${format} is larger than ${limit}`, {
    hint: `No kernel is: the file is damaged, or made to fill the memory. A kernel of more than ${limit} has to be given unpacked, as vmlinux.`,
  });
}
