import { basename } from "node:path";
import { fingerprint } from "@vm/host-files";

/** A name for what was made of a file: another one when the file is replaced or written to. */
export function fileKey(path: string, { mtimeMs, size }: { mtimeMs: number; size: number }): string {
  return `${basename(path)}-${fingerprint(`${path}\0${mtimeMs}\0${size}`)}`;
}
