import type { LocalPackage } from "./installation.js";
import { packageIdentity, parsePackageInfo } from "./package-info.js";

/** Keys of `.PKGINFO` by the names that they have in a database, in the order of repo-add(8). */
const BEFORE_SIZES = {
  NAME: "pkgname",
  BASE: "pkgbase",
  VERSION: "pkgver",
  DESC: "pkgdesc",
  GROUPS: "group",
};
const AFTER_SIZES = {
  URL: "url",
  LICENSE: "license",
  ARCH: "arch",
  BUILDDATE: "builddate",
  PACKAGER: "packager",
  REPLACES: "replaces",
  CONFLICTS: "conflict",
  PROVIDES: "provides",
  DEPENDS: "depend",
  OPTDEPENDS: "optdepend",
  MAKEDEPENDS: "makedepend",
  CHECKDEPENDS: "checkdepend",
};

/** An entry of a repository's database, see "Package Database" in libalpm(3): a directory with one file, `desc`. */
export interface DatabaseEntry {
  readonly directory: string;
  readonly desc: string;
}

/**
 * What repo-add(8), which takes seconds in an emulated machine, would say of this package. No checksum: pacman wants none,
 * and who changes one of the two in the script can change the other.
 */
export function databaseEntry({ fileName, content, info }: LocalPackage): DatabaseEntry {
  const known = parsePackageInfo(info);
  const named = (names: Readonly<Record<string, string>>): [string, readonly string[]][] =>
    Object.entries(names).map(([name, key]) => [name, known.get(key) ?? []]);
  const fields: readonly (readonly [name: string, values: readonly string[]])[] = [
    ["FILENAME", [fileName]],
    ...named(BEFORE_SIZES),
    ["CSIZE", [String(content.length)]],
    ...named({ ISIZE: "size", ...AFTER_SIZES }),
  ];
  const { name, version } = packageIdentity({ info });
  return {
    directory: `${name}-${version}`,
    desc: fields
      .filter(([, values]) => values.length > 0)
      .map(([field, values]) => `%${field}%\n${values.join("\n")}\n\n`)
      .join(""),
  };
}
