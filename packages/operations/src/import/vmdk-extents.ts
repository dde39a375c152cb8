import { lstatSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { errorCode } from "@vm/command-plan";

/** A file that a description of a vmdk names, and that is no file of its own beside it. */
export interface StrangeExtent {
  readonly file: string;
  readonly what: "elsewhere" | "no file";
}

/**
 * The first file that a vmdk's description names and that qemu-img must not open: one that is not beside it, or is no plain file, as a named
 * pipe, which would be waited for for ever, or a link to a file of somebody's. Undefined where it is a vmdk of one file.
 * @param bytes its beginning @param path absolute
 */
export function strangeExtent(bytes: Buffer, path: string): StrangeExtent | undefined {
  for (const file of extents(bytes)) {
    const place = resolve(dirname(path), file);
    if (dirname(place) !== dirname(path)) return { file, what: "elsewhere" };
    if (!isPlain(place)) return { file, what: "no file" };
  }
  return undefined;
}

/** Source: block/vmdk.c of QEMU: a description in text, also behind a header that has no capacity. */
function extents(bytes: Buffer): string[] {
  const isText = bytes.subarray(0, 4).toString("latin1") !== "KDMV";
  const isEmpty = !isText && bytes.length >= 20 && bytes.readBigUInt64LE(12) === 0n;
  if (!isText && !isEmpty) return [];
  return Array.from(
    bytes.toString("utf8").matchAll(/^\s*(?:RW|RDONLY|NOACCESS)\s+\d+\s+\w+\s+"([^"\n]*)"/gim),
    ([, file = ""]) => file,
  );
}

/** What is not there qemu-img tells. */
function isPlain(place: string): boolean {
  try {
    return lstatSync(place).isFile();
  } catch (error) {
    return errorCode(error) === "ENOENT";
  }
}
