import { createHash } from "node:crypto";
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

/** A database of pacman: what repo-add(8), which takes seconds in an emulated machine, would make of these packages. */
export function renderDatabase(packages: readonly LocalPackage[]): Uint8Array {
  return renderTar(packages.map((each) => describe(each)));
}

interface TextFile {
  readonly directory: string;
  readonly name: string;
  readonly text: string;
}

function describe({ fileName, content, info: text }: LocalPackage): TextFile {
  const info = parsePackageInfo(text);
  const named = (names: Readonly<Record<string, string>>): [string, readonly string[]][] =>
    Object.entries(names).map(([name, key]) => [name, info.get(key) ?? []]);
  const fields: readonly (readonly [name: string, values: readonly string[]])[] = [
    ["FILENAME", [fileName]],
    ...named(BEFORE_SIZES),
    ["CSIZE", [String(content.length)]],
    ...named({ ISIZE: "size" }),
    ["SHA256SUM", [createHash("sha256").update(content).digest("hex")]],
    ...named(AFTER_SIZES),
  ];
  const { name, version } = packageIdentity({ info: text });
  return {
    directory: `${name}-${version}`,
    name: "desc",
    text: fields
      .filter(([, values]) => values.length > 0)
      .map(([field, values]) => `%${field}%\n${values.join("\n")}\n\n`)
      .join(""),
  };
}

const BLOCK_BYTES = 512;
const CHECKSUM = 148;

/** Files of root, in the ustar format: see tar(5) of libarchive, "POSIX ustar Archives". */
function renderTar(files: readonly TextFile[]): Uint8Array {
  const blocks = files.flatMap(({ directory, name, text }) => {
    const content = Buffer.from(text);
    const header = Buffer.alloc(BLOCK_BYTES);
    header.write(name, 0);
    header.write(
      `${octal(0o644, 7)}${octal(0, 7)}${octal(0, 7)}${octal(content.length, 11)}${octal(0, 11)}`,
      100,
    );
    header.write("        0", CHECKSUM);
    header.write("ustar\u000000", 257);
    header.write(directory, 345, 155);
    // The sum of the header's bytes, with spaces in the place of the sum.
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(octal(sum, 6), CHECKSUM);
    return [header, content, Buffer.alloc(-content.length & (BLOCK_BYTES - 1))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]);
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, "0")}\0`;
}
