/** A line of the kernel's console as guest-run gives it: bytes as Latin-1. As text where the bytes are UTF-8. */
export function kernelLine(line: string): string {
  // oxlint-disable-next-line no-control-regex -- All of Latin-1, controls among it.
  if (!/^[\u0000-\u00ff]*$/.test(line)) return line;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(line, "latin1"));
  } catch {
    return line;
  }
}
