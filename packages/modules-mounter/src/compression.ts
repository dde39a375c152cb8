import { crc32 } from "node:zlib";
import { deflate } from "./deflate.js";

export type Compression = "gzip" | "zstd" | "none";

/** What a compressed file's name ends in. */
export const COMPRESSION_SUFFIX: Readonly<Record<Compression, string>> = {
  gzip: ".gz",
  zstd: ".zst",
  none: "",
};

/**
 * The same data gives the same bytes, whichever Node, zlib or libzstd is there: none of them is asked. What reads gzip or zstd
 * reads these.
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

/** See RFC 1952: no name, no time; packed as tightly as may be, on Unix. */
const GZIP_HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3];

function gzip(data: Uint8Array): Uint8Array {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(data), 0);
  trailer.writeUInt32LE(data.length % 2 ** 32, 4);
  return Buffer.concat([Buffer.from(GZIP_HEADER), deflate(data), trailer]);
}

const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** One segment, whose size follows in four bytes: RFC 8878, 3.1.1.1. */
const ZSTD_DESCRIPTOR = 0b1010_0000;
const ZSTD_BLOCK_BYTES = 1 << 17;

/** A frame whose blocks hold the data as it is (RFC 8878, 3.1.1.2): zstd in form, for tools that go by the name. */
function zstd(data: Uint8Array): Uint8Array {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(data.length);
  const parts: Uint8Array[] = [Buffer.from([...ZSTD_MAGIC, ZSTD_DESCRIPTOR]), size];
  let at = 0;
  do {
    const block = data.subarray(at, at + ZSTD_BLOCK_BYTES);
    at += block.length;
    const header = Buffer.alloc(3);
    header.writeUIntLE((block.length << 3) | Number(at === data.length), 0, 3);
    parts.push(header, block);
  } while (at < data.length);
  return Buffer.concat(parts);
}
