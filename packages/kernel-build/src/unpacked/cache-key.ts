import { statSync } from "node:fs";
import { basename } from "node:path";
import { fingerprint } from "@vm/host-files";

/** A name for what was made of these files: another one when one of them is replaced or written to. Throws what stat throws. */
export function filesKey(paths: readonly string[]): string {
  const stamps = paths.map((path) => {
    const { mtimeMs, size } = statSync(path);
    return `${path}\0${mtimeMs}\0${size}`;
  });
  // A file's name may have 255 bytes, and this one has to hold more.
  return `${basename(paths[0] ?? "").slice(0, 60)}-${fingerprint(stamps.join("\0"))}`;
}
