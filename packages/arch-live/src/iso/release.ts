import { codedError } from "@vm/command-plan";

/** An image of Arch Linux's live system, as a mirror lists it. */
export interface IsoRelease {
  /** `archlinux-2026.11.01-x86_64.iso`. */
  readonly fileName: string;
  /** `2026.11.01`. */
  readonly version: string;
  /** Lower case. */
  readonly sha256: string;
}

/** A line of sha256sum(1): text or binary mode. */
const LINE = /^([0-9a-f]{64}) [ *](archlinux-(\d{4}\.\d{2}\.\d{2})-x86_64\.iso)\r?$/gim;

/**
 * The newest image of a mirror's sha256sums.txt.
 * @throws ISO_NOT_LISTED
 */
export function newestRelease(sums: string, { url }: { readonly url: string }): IsoRelease {
  const releases = Array.from(sums.matchAll(LINE), ([, sha256 = "", fileName = "", version = ""]) => ({
    fileName,
    version,
    sha256: sha256.toLowerCase(),
  }));
  const [newest] = releases.toSorted((a, b) => b.version.localeCompare(a.version));
  if (newest !== undefined) return newest;
  throw codedError("ISO_NOT_LISTED", `${url} lists no archlinux-DATE-x86_64.iso`, {
    hint: "Is it a mirror of Arch Linux? --mirror names the directory that has iso/latest/ in it.",
  });
}
