import { codedError } from "@vm/command-plan";
import { spawnSync } from "node:child_process";
import * as zlib from "node:zlib";

export type Compression = "gzip" | "zstd" | "none";

/** What a compressed file's name ends in. */
export const COMPRESSION_SUFFIX: Readonly<Record<Compression, string>> = {
  gzip: ".gz",
  zstd: ".zst",
  none: "",
};

const ZSTD_LEVEL = 19;
/** zstd.h's number for the parameter; the types of Node 20 do not know the constant. */
const ZSTD_C_COMPRESSION_LEVEL = 100;
const GZIP_OS_OFFSET = 9;
const GZIP_OS_UNIX = 3;

/**
 * @throws `ZSTD_MISSING` when neither Node (22.15 and newer) nor a program `zstd` can do it
 */
export function compress(data: Uint8Array, compression: Compression): Uint8Array {
  switch (compression) {
    case "none":
      return data;
    case "gzip":
      return gzip(data);
    case "zstd":
      return zstd(data);
    default:
      return compression satisfies never;
  }
}

/** Node writes no time and no name; only the byte for the operating system differs from host to host. */
function gzip(data: Uint8Array): Uint8Array {
  const compressed = zlib.gzipSync(data, { level: 9 });
  compressed[GZIP_OS_OFFSET] = GZIP_OS_UNIX;
  return compressed;
}

function zstd(data: Uint8Array): Uint8Array {
  const { zstdCompressSync }: ZlibOfAnyNode = zlib;
  if (zstdCompressSync !== undefined) {
    return zstdCompressSync(data, { params: { [ZSTD_C_COMPRESSION_LEVEL]: ZSTD_LEVEL } });
  }
  const { stdout, status, error, stderr } = spawnSync(
    "zstd",
    ["-q", "-c", `-${ZSTD_LEVEL}`, "--single-thread"],
    {
      input: data,
      maxBuffer: 1 << 28,
    },
  );
  if (error === undefined && status === 0) return stdout;
  throw codedError(
    "ZSTD_MISSING",
    `zstd: ${error === undefined ? stderr.toString().trim() : error.message}`,
    { hint: "Install the program zstd, use Node 22.15 or newer, or choose --compression gzip." },
  );
}

/** `zstdCompressSync` came with Node 22.15. */
interface ZlibOfAnyNode extends Pick<typeof zlib, "gzipSync"> {
  readonly zstdCompressSync?: (
    data: Uint8Array,
    options: { readonly params: Readonly<Record<number, number>> },
  ) => Uint8Array;
}
