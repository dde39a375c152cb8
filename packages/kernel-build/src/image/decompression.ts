import { codedError } from "@vm/command-plan";
import { decompress, formatAt, type Decompressed } from "@vm/host-files";

/** How large a kernel may be, packed or not: twice as large as one with everything built in, and all of its checkers. */
export const imageLimit: { readonly maxBytes: number } = { maxBytes: 512 << 20 };

/** How large a `.config` may be. Real ones have 300 KB. */
export const maxConfigBytes: number = 16 << 20;

/** What came of trying to unpack: the bytes; or why there are none. */
export type Unpacked =
  | Extract<Decompressed, { kind: "data" }>
  | { readonly kind: "not-compressed" }
  /** The program for it is not installed. */
  | { readonly kind: "program-missing"; readonly format: string; readonly program: string }
  | { readonly kind: "damaged"; readonly format: string };

/**
 * Unpacks what begins with `bytes`. What follows the compressed data is passed over, and a payload whose end was cut off gives what it has.
 * `origin`, for the error: the file that they are of. Throws IMAGE_TOO_LARGE.
 */
export function unpack(bytes: Buffer, origin: string): Unpacked {
  const format = formatAt(bytes, 0);
  if (format === null) return { kind: "not-compressed" };
  const unpacked = decompress(bytes, format, { ...imageLimit, extent: "beginning" });
  switch (unpacked.kind) {
    case "data":
      return unpacked;
    case "program-missing":
      return { kind: "program-missing", format: format.name, program: unpacked.program };
    case "damaged":
      return { kind: "damaged", format: format.name };
    case "too-large": {
      const limit = `${imageLimit.maxBytes >> 20} MiB`;
      throw codedError(
        "IMAGE_TOO_LARGE",
        `what is packed in ${origin} with ${format.name} is larger than ${limit}`,
        {
          hint: `No kernel is: the file is damaged, or made to fill the memory. A kernel of more than ${limit} has to be given unpacked, as vmlinux.`,
        },
      );
    }
    default:
      return unpacked satisfies never;
  }
}
