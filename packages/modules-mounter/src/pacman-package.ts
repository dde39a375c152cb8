import { createHash } from "node:crypto";
import { type ArchiveEntry, renderTar, withDirectories } from "./archive.js";
import { type Compression, COMPRESSION_SUFFIX, compress } from "./compression.js";
import type { PackageMetadata } from "./package-metadata.js";
import { payload } from "./payload.js";
import type { PacmanPackage } from "./rendered-package.js";

const PACKAGER = "vm modules-package";

/**
 * A package for `pacman -U`: what makepkg makes of the PKGBUILD (metadata first, then the payload; see PKGINFO(5),
 * BUILDINFO(5), and for .MTREE mtree(5) as libarchive writes it).
 */
export async function renderPacmanPackage(
  metadata: PackageMetadata,
  { compression, epochSeconds }: { readonly compression: Compression; readonly epochSeconds: number },
): Promise<PacmanPackage> {
  const { name, version, release } = metadata;
  const files = withDirectories(
    payload({ library: "usr/lib", licensePath: `usr/share/licenses/${name}/LICENSE` }),
  );
  const buildInfo = text(".BUILDINFO", buildInfoLines(metadata, epochSeconds));
  const packageInfo = text(".PKGINFO", packageInfoLines(metadata, files, epochSeconds));
  const tree = text(".MTREE", mtreeLines([buildInfo, packageInfo, ...files], epochSeconds));
  const mtree = { ...tree, content: compress(tree.content, "gzip") };
  const tar = await renderTar([buildInfo, mtree, packageInfo, ...files], { mtimeSeconds: epochSeconds });
  return {
    fileName: `${name}-${version}-${release}-any.pkg.tar${COMPRESSION_SUFFIX[compression]}`,
    content: compress(tar, compression),
    info: Buffer.from(packageInfo.content).toString("utf8"),
  };
}

type TextEntry = ArchiveEntry & { readonly content: Uint8Array };

function text(path: string, lines: readonly string[]): TextEntry {
  return { path, mode: 0o644, content: Buffer.from(`${lines.join("\n")}\n`) };
}

function packageInfoLines(
  { name, version, release, description, license, dependencies }: PackageMetadata,
  files: readonly ArchiveEntry[],
  epochSeconds: number,
): string[] {
  const size = files.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
  return [
    `pkgname = ${name}`,
    `pkgbase = ${name}`,
    "xdata = pkgtype=pkg",
    `pkgver = ${version}-${release}`,
    `pkgdesc = ${description}`,
    `builddate = ${epochSeconds}`,
    `packager = ${PACKAGER}`,
    `size = ${size}`,
    "arch = any",
    `license = ${license}`,
    ...dependencies.map((dependency) => `depend = ${dependency}`),
  ];
}

/** The directories stand for nothing: no path of the host gets into a package. */
function buildInfoLines(
  { name, version, release, pkgbuild }: PackageMetadata,
  epochSeconds: number,
): string[] {
  return [
    "format = 2",
    `pkgname = ${name}`,
    `pkgbase = ${name}`,
    `pkgver = ${version}-${release}`,
    "pkgarch = any",
    `pkgbuild_sha256sum = ${digest("sha256", pkgbuild)}`,
    `packager = ${PACKAGER}`,
    `builddate = ${epochSeconds}`,
    "builddir = /build",
    "startdir = /startdir",
    "buildtool = vm-modules-package",
    `buildtoolver = ${version}`,
  ];
}

/** pacman 6.0 compares both digests (with sha256 alone every file reads as altered); 6.1 and newer ignore md5. */
function mtreeLines(entries: readonly ArchiveEntry[], epochSeconds: number): string[] {
  return [
    "#mtree",
    ...entries.map(({ path, mode, content }) => {
      const common = `./${path} time=${epochSeconds}.0 mode=${mode.toString(8)} uid=0 gid=0`;
      return content === undefined
        ? `${common} type=dir`
        : `${common} size=${content.length} md5digest=${digest("md5", content)} sha256digest=${digest("sha256", content)} type=file`;
    }),
  ];
}

function digest(algorithm: "md5" | "sha256", content: Uint8Array): string {
  return createHash(algorithm).update(content).digest("hex");
}
