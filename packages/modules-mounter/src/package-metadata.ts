import { codedError } from "@vm/command-plan";
import { readFileSync } from "node:fs";
import { guestFile } from "./guest-file.js";

/** What a package says about itself. The PKGBUILD is the only place where it is written. */
export interface PackageMetadata {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies: readonly string[];
  /** The PKGBUILD's own bytes: makepkg records their digest. */
  readonly pkgbuild: Uint8Array;
}

const ASSIGNMENT = /^(\w+)=(.*)$/gm;
const WORD = /'([^']*)'|([^\s'()]+)/g;

/**
 * Reads the plain assignments of our PKGBUILD (`key=word`, `key='words'`, `key=('one' 'two')`, one a line); bash is not asked,
 * so that this works on any host.
 * @throws `PKGBUILD_INVALID` when a value is missing
 */
export function readMetadata(): PackageMetadata {
  const path = guestFile("PKGBUILD");
  const pkgbuild = readFileSync(path);
  const values = new Map<string, string[]>();
  for (const [, key = "", text = ""] of pkgbuild.toString("utf8").matchAll(ASSIGNMENT)) {
    values.set(
      key,
      Array.from(text.matchAll(WORD), ([, quoted, bare]) => quoted ?? bare ?? ""),
    );
  }
  const list = (key: string): string[] => {
    const found = values.get(key);
    if (found === undefined) throw codedError("PKGBUILD_INVALID", `${path}: ${key} is missing`);
    return found;
  };
  const one = (key: string): string => list(key).join(" ");
  return {
    name: one("pkgname"),
    version: one("pkgver"),
    release: one("pkgrel"),
    description: one("pkgdesc"),
    license: one("license"),
    dependencies: list("depends"),
    pkgbuild,
  };
}
