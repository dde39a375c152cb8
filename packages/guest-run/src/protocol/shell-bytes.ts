/** A POSIX shell's word for exactly these bytes, in single quotes. A NUL byte cannot be part of a word: the caller refuses it before. */
export function quoteBytes(bytes: Uint8Array): Buffer {
  const parts: Buffer[] = [Buffer.from("'")];
  let start = 0;
  for (let at = bytes.indexOf(0x27); at !== -1; at = bytes.indexOf(0x27, start)) {
    parts.push(Buffer.from(bytes.subarray(start, at)), Buffer.from(String.raw`'\''`));
    start = at + 1;
  }
  parts.push(Buffer.from(bytes.subarray(start)), Buffer.from("'"));
  return Buffer.concat(parts);
}

/** `name='value'` and a newline, for a script that the guest's shell reads. */
export function assignment(name: string, value: string | Uint8Array): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([Buffer.from(`${name}=`), quoteBytes(bytes), Buffer.from("\n")]);
}
