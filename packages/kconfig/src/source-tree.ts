import { join, resolve } from "node:path";
import { isFile, readableText } from "@vm/host-files";

/** The kernel source that a directory is, or was built from (`O=`); null for a directory that is neither. */
export function sourceOf(directory: string): string | null {
  if (isSource(directory)) return directory;
  // `make O=` leaves a link to the source, and a Makefile that includes the one of the source.
  const candidates = [join(directory, "source"), includedBy(join(directory, "Makefile"))];
  for (const candidate of candidates) {
    if (candidate !== null && isSource(candidate)) return candidate;
  }
  return null;
}

function isSource(directory: string): boolean {
  return isFile(join(directory, "Kconfig")) && isFile(join(directory, "scripts/Kconfig.include"));
}

function includedBy(makefile: string): string | null {
  const path = /^include (\S+)\/Makefile$/m.exec(readableText(makefile) ?? "")?.[1];
  return path === undefined ? null : resolve(makefile, "..", path);
}
