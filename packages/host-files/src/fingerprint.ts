/** 64 bits of FNV-1a (two times 32) in hexadecimal: no secret, just a name; node:crypto takes longer to load than this to run. */
export function fingerprint(content: string | Uint8Array): string {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return [0x811c9dc5, 0x050c5d1f]
    .map((basis) => {
      let hash = basis;
      for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
      return hash.toString(16).padStart(8, "0");
    })
    .join("");
}
