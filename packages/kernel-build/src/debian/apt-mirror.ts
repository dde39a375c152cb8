import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { codedError } from "@vm/command-plan";
import { readRegularText } from "@vm/host-files";

/** The Debian mirror of this machine's apt: what its sources name. Throws MIRROR_UNKNOWN. */
export function mirrorOfApt(root: string = "/"): string {
  const apt = join(root, "etc/apt");
  const parts = join(apt, "sources.list.d");
  const files = [
    join(apt, "sources.list"),
    ...(existsSync(parts)
      ? readdirSync(parts)
          .toSorted()
          .map((name) => join(parts, name))
      : []),
  ];
  for (const file of files) {
    if (!/\.(?:list|sources)$/.test(file) || !existsSync(file)) continue;
    const words = readRegularText(file)
      .split("\n")
      .filter((line) => !/^\s*#/.test(line))
      .flatMap((line) => line.split(/\s+/));
    // Security updates are in an archive of their own.
    const found = words.find((word) => /^(?:https?|mirror\+\w+|file):\/\/?\S*\/debian\/?$/.test(word));
    if (found !== undefined) return found;
  }
  throw codedError("MIRROR_UNKNOWN", "this machine's apt has no Debian mirror to fetch from", {
    hint: "Name one: --mirror URL, the address with dists/ and pool/ below it.",
  });
}

/** A mirror as it may stand in apt's sources. Throws MIRROR_INVALID. */
export function checkedMirror(mirror: string): string {
  if (/^(?:https?|file):\/[^\s[\]]+$/.test(mirror)) return mirror;
  throw codedError(
    "MIRROR_INVALID",
    `--mirror: expected an address that begins with http:, https: or file:, got '${mirror}'`,
  );
}

/** Debian's keys, as its package debian-archive-keyring installs them. Throws KEYRING_MISSING. */
export function debianKeyring(root: string = "/"): string {
  const found = ["gpg", "pgp"]
    .map((ending) => join(root, `usr/share/keyrings/debian-archive-keyring.${ending}`))
    .find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw codedError("KEYRING_MISSING", "this machine has no keys to check Debian's signatures with", {
    hint: "Install debian-archive-keyring, or name a file that has them: --keyring FILE.",
  });
}
