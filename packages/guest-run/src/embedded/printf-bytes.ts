import { quoteBytes } from "@vm/command-plan";

/** Lengths of the runs of NULs that have a variable of their own. */
const RUNS = [512, 64, 8, 1];

/**
 * Shell text that sets a variable to a format of printf(1) for exactly these bytes. A shell's variable cannot hold a NUL, and its
 * `printf`, which is built in, writes one for `\000`.
 */
export function printfFormat(name: string, bytes: Uint8Array): Buffer {
  const parts: Buffer[] = [Buffer.from(`vm_nul1='\\000'\n`)];
  for (const [length, of] of [
    [8, 1],
    [64, 8],
    [512, 64],
  ]) {
    parts.push(Buffer.from(`vm_nul${length}=${`$vm_nul${of}`.repeat(8)}\n`));
  }
  parts.push(Buffer.from(`${name}=`));
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] === 0) {
      let end = at;
      while (bytes[end] === 0) end += 1;
      for (const run of RUNS) for (; end - at >= run; at += run) parts.push(Buffer.from(`$vm_nul${run}`));
      continue;
    }
    const next = bytes.indexOf(0, at);
    const end = next === -1 ? bytes.length : next;
    const text = escapeFormat(bytes.subarray(at, end));
    // What begins with a dash would be an option of printf.
    parts.push(quoteBytes(Buffer.from(at === 0 ? text.replace(/^-/, "\\055") : text)));
    at = end;
  }
  parts.push(Buffer.from("\n"));
  return Buffer.concat(parts);
}

function escapeFormat(bytes: Uint8Array): string {
  return [...bytes]
    .map((byte) => {
      if (byte === 0x25) return "%%";
      if (byte === 0x5c || byte < 0x20 || byte > 0x7e) return `\\${byte.toString(8).padStart(3, "0")}`;
      return String.fromCharCode(byte);
    })
    .join("");
}
