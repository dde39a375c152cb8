import { basename } from "node:path";

/** 64 bits of FNV-1a (two times 32) in hexadecimal: no secret, just a name; node:crypto takes longer to load than this to run. */
export function fingerprint(text: string): string {
  return [0x811c9dc5, 0x050c5d1f]
    .map((basis) => {
      let hash = basis;
      for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
      return hash.toString(16).padStart(8, "0");
    })
    .join("");
}

/** A name for what was made of a file: another one when the file is replaced or written to. */
export function fileKey(path: string, { mtimeMs, size }: { mtimeMs: number; size: number }): string {
  return `${basename(path)}-${fingerprint(`${path}\0${mtimeMs}\0${size}`)}`;
}
